//! Who does not sign does not get in, and leaves no row.

use fake_carrier::{CustomerText, build_webhook};
use server::{compose::BOXED_ACCOUNT_SID, demo::BUSINESS_NUMBER};

use crate::rig::Rig;

const PHONE: &str = "+15555550500";

async fn post(rig: &Rig, path: &str, body: String, signature: Option<&str>) -> u16 {
    let request =
        rig.http.post(rig.url(path)).header("Content-Type", "application/x-www-form-urlencoded").body(body);
    let request = match signature {
        Some(signature) => request.header("X-Twilio-Signature", signature),
        None => request,
    };
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    if status == 403 {
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    status
}

/// Signs a text by an account; returns the body and the signature.
fn signed(rig: &Rig, account: (&str, &str), path: &str) -> (String, String) {
    let text = CustomerText::new(PHONE, BUSINESS_NUMBER, "Hello");
    let webhook = build_webhook(account, &rig.url(path), &text, "SMsigned", None);
    let signature = webhook.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-twilio-signature"));
    (webhook.body, signature.unwrap().1.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_1_to_6_nothing_gets_in_without_the_right_signature() {
    let rig = Rig::start();
    let path = "/webhooks/twilio/sms";
    let (body, signature) = signed(&rig, (BOXED_ACCOUNT_SID, &rig.token), path);
    let (_, foreign) = signed(&rig, (BOXED_ACCOUNT_SID, "another tenant's token"), path);
    let (_, elsewhere) = signed(&rig, (BOXED_ACCOUNT_SID, &rig.token), "/webhooks/twilio/status");
    let refused = [
        ("row 1: no signature", body.clone(), None),
        ("row 2: a wrong signature", body.clone(), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        ("row 2: garbage", body.clone(), Some("not base64 ☎")),
        ("row 3: another tenant's token", body.clone(), Some(foreign.as_str())),
        ("row 4: an altered parameter", body.replace("Hello", "Hullo"), Some(signature.as_str())),
        ("row 5: an added parameter", format!("{body}&Extra=1"), Some(signature.as_str())),
        ("row 6: another path", body.clone(), Some(elsewhere.as_str())),
        ("row 14: an unknown account", body.replace(BOXED_ACCOUNT_SID, "ACnobody"), Some(signature.as_str())),
        ("no account at all", "From=1&To=2&Body=x".to_owned(), Some(signature.as_str())),
    ];
    for (what, body, signature) in refused {
        // A header cannot hold every character; the client refuses to send those.
        let signature = signature.filter(|signature| signature.is_ascii());
        assert_eq!(post(&rig, path, body, signature).await, 403, "{what}");
    }
    rig.settle().await;
    assert!(rig.conversations(PHONE).await.is_empty(), "not one row");
    assert_eq!(rig.get("/api/v1/contacts").await["items"].as_array().unwrap().len(), 0);
    // The very same request, rightly signed, gets in: nothing else kept the others out.
    assert_eq!(post(&rig, path, body, Some(&signature)).await, 200);
    assert_eq!(rig.conversations(PHONE).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_own_account_is_verified_by_its_own_token_and_reaches_only_its_own_numbers() {
    let rig = Rig::start();
    let create = |name: &'static str| {
        let request = rig.http.post(rig.url("/api/v1/tenants")).header("X-Admin-API-Key", &rig.admin_key);
        request.json(&serde_json::json!({ "name": name }))
    };
    let tenant: serde_json::Value = create("Other").send().await.unwrap().json().await.unwrap();
    let id = tenant["id"].as_str().unwrap();
    let account = serde_json::json!({ "provider": "twilio", "account_sid": "ACother", "auth_token": "own" });
    let added = rig
        .http
        .post(rig.url(&format!("/api/v1/tenants/{id}/provider-accounts")))
        .header("X-Admin-API-Key", &rig.admin_key)
        .json(&account)
        .send()
        .await
        .unwrap();
    assert_eq!(added.status().as_u16(), 201);
    assert!(!added.text().await.unwrap().contains("own\""), "the token is not shown again");
    let path = "/webhooks/twilio/sms";
    // Signed by the other tenant's account, but written to the demo tenant's number: acknowledged, not stored.
    let (body, signature) = signed(&rig, ("ACother", "own"), path);
    assert_eq!(post(&rig, path, body, Some(&signature)).await, 200);
    // Claimed to be the other tenant's account and signed by the platform's token: refused.
    let (body, signature) = signed(&rig, ("ACother", &rig.token), path);
    assert_eq!(post(&rig, path, body, Some(&signature)).await, 403);
    rig.settle().await;
    assert!(rig.conversations(PHONE).await.is_empty());
}
