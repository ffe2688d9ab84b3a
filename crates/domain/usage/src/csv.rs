//! Usage as comma-separated values.

use kernel::csv_line;

use crate::{UsageLine, UsageReport};

const COLUMNS: [&str; 10] = [
    "day",
    "model",
    "turns",
    "turns_answered",
    "messages_in",
    "messages_out",
    "tokens_in",
    "tokens_out",
    "cost_micros",
    "unpriced_tokens",
];

/// Returns a line for each day and model, behind one that names the columns.
pub fn usage_table(report: &UsageReport) -> String {
    let header = csv_line(COLUMNS.map(str::to_owned));
    std::iter::once(header).chain(report.lines.iter().map(line)).collect()
}

fn line(line: &UsageLine) -> String {
    let counts = &line.counts;
    let numbers = [
        counts.turns,
        counts.turns_answered,
        counts.messages_in,
        counts.messages_out,
        counts.tokens_in,
        counts.tokens_out,
        counts.cost_micros,
        counts.unpriced_tokens,
    ];
    let names = [line.day.to_string(), line.model.clone()];
    csv_line(names.into_iter().chain(numbers.map(|number| number.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Counts, Days};

    #[test]
    fn each_day_and_model_has_a_line_and_no_name_is_a_formula() {
        let day = "2026-11-28".parse().unwrap();
        let counts = Counts {
            turns: 1,
            turns_answered: 2,
            messages_in: 3,
            messages_out: 4,
            tokens_in: 5,
            tokens_out: 6,
            cost_micros: 7,
            unpriced_tokens: 8,
        };
        let line = |model: &str| UsageLine { day, model: model.to_owned(), counts };
        let lines = vec![line(""), line("=1+1,x")];
        let report = UsageReport { days: Days::new(day, day).unwrap(), lines };
        let expected = "day,model,turns,turns_answered,messages_in,messages_out,tokens_in,tokens_out,cost_micros,\
                        unpriced_tokens\r\n2026-11-28,,1,2,3,4,5,6,7,8\r\n2026-11-28,\"'=1+1,x\",1,2,3,4,5,6,7,8\r\n";
        assert_eq!(usage_table(&report), expected);
    }
}
