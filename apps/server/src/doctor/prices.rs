//! What models cost: whether the prices can be read, and whether each model that is configured has one.

use usage::PriceTable;

use super::{Finding, Patient};
use crate::compose::allowance::price_table;

const CHECK: &str = "prices";

pub(super) fn look(patient: &Patient) -> Vec<Finding> {
    let models = &patient.config.models;
    let servers = models.gemini.iter().chain(&models.openai);
    let names: Vec<&str> = servers.map(|server| server.model.as_str()).collect();
    findings(price_table(models), &names)
}

fn findings(table: anyhow::Result<PriceTable>, models: &[&str]) -> Vec<Finding> {
    let table = match table {
        Ok(table) => table,
        Err(error) => {
            let mend = "correct the file, or leave MODEL_PRICES unset";
            return vec![Finding::fail(CHECK, format!("{error:#}"), mend)];
        }
    };
    let finding = |model: &&str| match table.price_of(model) {
        Some(_) => Finding::ok(CHECK, format!("{model} has a price")),
        None => Finding::warn(
            CHECK,
            format!("{model} has no price: what it costs is not known, and no budget holds it"),
            "say what it costs in the file that MODEL_PRICES names",
        ),
    };
    models.iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Status;

    fn statuses(table: anyhow::Result<PriceTable>, models: &[&str]) -> Vec<Status> {
        findings(table, models).iter().map(|finding| finding.status).collect()
    }

    #[test]
    fn a_model_without_a_price_is_warned_of_and_one_with_a_price_is_well() {
        let models = ["gemini-2.5-flash", "llama3"];
        assert_eq!(statuses(Ok(PriceTable::built_in()), &models), [Status::Ok, Status::Warn]);
        assert_eq!(statuses(Ok(PriceTable::built_in()), &[]), []);
    }

    #[test]
    fn prices_that_cannot_be_read_are_a_failure_that_names_the_line() {
        let table = PriceTable::built_in().with("{\n\"llama3\": 5}").map_err(anyhow::Error::from);
        let found = findings(table, &["llama3"]);
        assert_eq!(found[0].status, Status::Fail);
        assert!(found[0].detail.contains("`llama3`") && found[0].detail.contains("line 2"), "{found:?}");
    }
}
