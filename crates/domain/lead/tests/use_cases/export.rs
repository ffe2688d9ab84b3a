//! Leads as a table.

use kernel::PageRequest;
use lead::{Field, LeadFilter, LeadStatus};
use tenancy::{AuditAction, AuditFilter, AuditLog as _};

use crate::desk::Desk;

#[tokio::test]
async fn every_lead_is_a_line_and_every_page_is_walked() {
    let desk = Desk::new();
    for number in 0..250 {
        desk.hear(&desk.sms(&format!("+1555123{number:04}"), "Hi")).await;
    }
    let mut table = desk.export.begin(&desk.person).await.unwrap();
    let (mut after, mut pages) = (None, 0);
    loop {
        let page = desk.export.next(&desk.person, &LeadFilter::default(), after).await.unwrap();
        table.push_str(&page.lines);
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((table.lines().count(), pages), (251, 2));
    assert!(table.starts_with("id,status,score,source,name,email,phone,"), "{table}");
    assert!(table.contains(",'+15551230249,"), "a number is no formula");
    let filter = AuditFilter::default();
    let lines = desk.audit.list(&desk.scope, &filter, &PageRequest::default()).await.unwrap().items;
    assert_eq!(
        lines.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
        [AuditAction::LeadsExported.as_str()]
    );
}

#[tokio::test]
async fn an_export_holds_what_is_asked_for_and_harms_nobody() {
    let desk = Desk::new();
    let lead =
        desk.create(&[(Field::Email, "ann@example.com"), (Field::Need, "=cmd|' /C calc'!A0, \"now\"")]);
    let lead = lead.await.unwrap();
    let lost = LeadFilter { status: Some(LeadStatus::Lost), ..LeadFilter::default() };
    assert_eq!(desk.export.next(&desk.person, &lost, None).await.unwrap().lines, "");
    let lines = desk.export.next(&desk.person, &LeadFilter::default(), None).await.unwrap().lines;
    assert!(lines.starts_with(&format!("{},new,30,api,,ann@example.com,,", lead.id())), "{lines}");
    assert!(lines.contains("\"'=cmd|' /C calc'!A0, \"\"now\"\"\""), "{lines}");
    assert!(lines.ends_with("\r\n"));
}
