//! What became of everything, and whether the promises were kept.

use std::{collections::HashMap, fmt, time::Duration};

use crate::{
    customers::{Way, Writing},
    disturbances::Disturbed,
    heard::Got,
    ledger::Ledger,
    spans::recovery,
    stage::Stage,
    suspensions::Suspensions,
};

/// How long a message may be under way that was about to leave: its process may be stopped for 12 seconds, and the request take
/// as long again.
const IN_THE_AIR: Duration = Duration::from_secs(30);

/// What became of everything.
pub(crate) struct Verdict {
    acked: usize,
    answered: usize,
    in_other_words: usize,
    unacked: usize,
    /// What must be none, with the first cases of each.
    broken: Vec<(&'static str, Vec<String>)>,
    outbound: Vec<(String, usize)>,
    /// Messages that the carrier took although their sender could not learn so, and how many of them are known by now.
    ambiguous: (usize, usize),
    silent: usize,
    /// How many were not answered and are shown to a person as such.
    given_up: usize,
    left: usize,
    waits: Vec<Duration>,
    /// How long those waited on who still waited when the first trouble that they met was over.
    recoveries: Vec<Duration>,
    disturbed: Disturbed,
    seed: u64,
}

impl Verdict {
    /// Counts at the carrier and in the database.
    pub(crate) async fn of(
        stage: &Stage,
        seed: u64,
        written: &[Writing],
        disturbed: Disturbed,
    ) -> anyhow::Result<Self> {
        let ledger = Ledger::read(stage).await?;
        stage.heard.take_in(&stage.carrier.carrier().messages());
        let mut by_phone: HashMap<&str, Vec<&Writing>> = HashMap::new();
        for writing in written {
            by_phone.entry(&writing.phone).or_default().push(writing);
        }
        let mut verdict = Self {
            acked: written.iter().map(|writing| writing.acked.len()).sum(),
            answered: written.iter().filter(|one| one.answered_in.is_some()).map(|one| one.acked.len()).sum(),
            in_other_words: 0,
            unacked: written.iter().map(|writing| writing.unacked.len()).sum(),
            broken: Vec::new(),
            outbound: ledger.outbound.clone(),
            ambiguous: (0, 0),
            silent: 0,
            given_up: 0,
            left: written.iter().filter(|writing| writing.left_at.is_some()).count(),
            waits: written.iter().filter_map(|writing| writing.answered_in).collect(),
            recoveries: written.iter().filter_map(|writing| recovery(writing, &disturbed.troubles)).collect(),
            disturbed,
            seed,
        };
        verdict.waits.sort_unstable();
        verdict.recoveries.sort_unstable();
        let unheard = written
            .iter()
            .filter(|one| one.answered_in.is_none() && !one.acked.is_empty() && one.way != Way::Leaves);
        let (silent, lost): (Vec<_>, Vec<_>) =
            unheard.partition(|one| may_be_unanswered(one, &stage.suspensions));
        verdict.silent = silent.iter().map(|one| one.acked.len()).sum();
        let (given_up, lost): (Vec<_>, Vec<_>) =
            lost.into_iter().partition(|one| one.sids.iter().all(|sid| ledger.given_up.contains(sid)));
        verdict.given_up = given_up.iter().map(|one| one.acked.len()).sum();
        let lost = lost.into_iter();
        verdict
            .find("lost", lost.map(|one| format!("{} {:?} {:?}", one.phone, one.way, one.acked)).collect());
        verdict.find("given up too often", excess(verdict.given_up, most_given_up(verdict.acked)));
        let sids = written.iter().flat_map(|writing| &writing.sids);
        verdict.find(
            "acknowledged and not stored",
            sids.filter(|sid| !ledger.taken_in.contains(*sid)).cloned().collect(),
        );
        verdict.find("stored twice", excess(ledger.rows_taken_in, ledger.taken_in.len()));
        verdict.find("never answered by a turn", excess(ledger.unanswered, 0));
        verdict.find("jobs without end", excess(ledger.jobs, 0));
        let (mut doubled, mut crossed) = (Vec::new(), Vec::new());
        let (mut pestered, mut spoken) = (Vec::new(), Vec::new());
        for (phone, writings) in by_phone {
            let got = stage.heard.by(phone);
            verdict.in_other_words += got.iter().filter(|one| !one.body.contains("You wrote:")).count();
            doubled.extend(doubles(phone, &writings, &got));
            crossed.extend(crossings(phone, &writings, &got));
            let left_at = writings.iter().find_map(|writing| writing.left_at);
            let after = got.iter().filter(|one| left_at.is_some_and(|left| one.at > left + IN_THE_AIR));
            pestered.extend(after.map(|one| format!("{phone}: {}", one.body)));
            let tenant = writings.first().map(|writing| writing.tenant).unwrap_or_default();
            let hushed =
                got.iter().filter(|one| stage.suspensions.is_suspended_for(tenant, one.at, IN_THE_AIR));
            spoken.extend(hushed.map(|one| format!("{phone}: {}", one.body)));
        }
        verdict.find("written to after STOP", pestered);
        verdict.find("written to by a suspended one", spoken);
        let carrier = stage.carrier.carrier();
        let is_delivered = |sid: &String| ledger.sent.get(sid).is_some_and(|state| state == "delivered");
        let reported = carrier.acknowledged_deliveries();
        verdict.find(
            "delivered, and said not to be",
            reported.into_iter().filter(|sid| !is_delivered(sid)).collect(),
        );
        let unconfirmed = carrier.unconfirmed_sends();
        let known = unconfirmed.iter().filter(|sid| ledger.sent.contains_key(*sid)).count();
        verdict.ambiguous = (unconfirmed.len(), known);
        let brought = carrier.messages().into_iter().map(|message| message.sid);
        verdict.find(
            "brought, and nobody knows",
            brought.filter(|sid| !ledger.sent.contains_key(sid)).collect(),
        );
        verdict.find("answered twice", doubled);
        verdict.find("from or about somebody else", crossed);
        let sent: usize = ledger.outbound.iter().map(|(_, count)| count).sum();
        verdict.find("brought though nobody wrote it", excess(stage.heard.count(), sent));
        let open = ledger.outbound.iter().filter(|(state, _)| matches!(state.as_str(), "unknown" | "queued"));
        verdict.find(
            "sent or not, nobody knows",
            open.map(|(state, count)| format!("{count} {state}")).collect(),
        );
        Ok(verdict)
    }

    /// Tells whether every promise was put to the test, and kept.
    pub(crate) fn is_kept(&self) -> bool {
        !self.is_broken() && !is_in_vain(&self.disturbed)
    }

    fn is_broken(&self) -> bool {
        self.acked == 0 || self.broken.iter().any(|(_, cases)| !cases.is_empty())
    }

    fn find(&mut self, what: &'static str, cases: Vec<String>) {
        self.broken.push((what, cases));
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default().as_secs_f64()
}

/// Returns how many of so many acknowledged messages may be shown to a person instead of being answered.
fn most_given_up(acked: usize) -> usize {
    acked.div_ceil(1_000)
}

/// Tells whether silence was right: the business was suspended at some moment after the customer wrote and while they were
/// patient.
fn may_be_unanswered(writing: &Writing, suspensions: &Suspensions) -> bool {
    suspensions.may_be_silent(writing.tenant, writing.posted_at, writing.patience_ends_at())
}

/// So many processes told to die at failpoints, of which not one did, are no chance: about half of them reach theirs before
/// they are ended.
const TOO_MANY_TO_LIVE: usize = 12;

/// Tells whether processes were told to die at failpoints that they do not have.
fn is_in_vain(disturbed: &Disturbed) -> bool {
    disturbed.told_to_die >= TOO_MANY_TO_LIVE && disturbed.died == 0
}

fn excess(found: usize, expected: usize) -> Vec<String> {
    if found > expected { vec![format!("{found} where {expected} are right")] } else { Vec::new() }
}

/// Returns the words that came back in more than one message, and the phones that got more answers than they may.
fn doubles(phone: &str, writings: &[&Writing], got: &[Got]) -> Vec<String> {
    let words = writings.iter().flat_map(|writing| writing.acked.iter().chain(&writing.unacked));
    let times = |word: &String| got.iter().filter(|one| one.body.contains(word.as_str())).count();
    let all = || got.iter().map(|one| one.body.replace('\n', " ")).collect::<Vec<_>>().join(" | ");
    let twice = words
        .filter(|word| times(word) > 1)
        .map(|word| format!("{phone}: {word} {} times in {}", times(word), all()));
    let most: usize = writings
        .iter()
        .map(|writing| match writing.way {
            Way::Once | Way::FiftyTimes | Way::Leaves => 1,
            Way::Twenty => 20,
        })
        .sum();
    let too_many = (got.len() > most).then(|| format!("{phone}: {} answers to {most} messages", got.len()));
    twice.chain(too_many).collect()
}

/// Returns what came from another business, or tells what another customer wrote.
fn crossings(phone: &str, writings: &[&Writing], got: &[Got]) -> Vec<String> {
    let Some(number) = writings.first().map(|writing| Stage::number_of(writing.tenant)) else {
        return Vec::new();
    };
    let own: Vec<_> =
        writings.iter().flat_map(|writing| writing.acked.iter().chain(&writing.unacked)).collect();
    let is_other = |word: &str| {
        word.starts_with('w')
            && word.ends_with('e')
            && word.contains('r')
            && word.contains('m')
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && !own.iter().any(|one| one.as_str() == word)
    };
    let words_of = |one: &Got| one.body.split(|c: char| !c.is_ascii_alphanumeric()).any(is_other);
    got.iter()
        .filter(|one| one.from != number || words_of(one))
        .map(|one| format!("{phone} of {number} got from {}: {}", one.from, one.body))
        .collect()
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  acknowledged                      {:>8}", self.acked)?;
        writeln!(f, "  answered                          {:>8}", self.answered)?;
        writeln!(f, "  answers in other words (fallback) {:>8}", self.in_other_words)?;
        writeln!(f, "  never acknowledged                {:>8}", self.unacked)?;
        writeln!(
            f,
            "  answer after                      p50 {:.2} s  p99 {:.2} s  longest {:.2} s",
            percentile(&self.waits, 50),
            percentile(&self.waits, 99),
            percentile(&self.waits, 100)
        )?;
        writeln!(
            f,
            "  … once the first trouble was over p50 {:.2} s  p99 {:.2} s  longest {:.2} s, of {} who waited still",
            percentile(&self.recoveries, 50),
            percentile(&self.recoveries, 99),
            percentile(&self.recoveries, 100),
            self.recoveries.len()
        )?;
        let (ambiguous, resolved) = self.ambiguous;
        writeln!(f, "  sent, and the answer was lost     {ambiguous:>8}  found again {resolved}")?;
        writeln!(f, "  unanswered by a suspended business{:>8}", self.silent)?;
        writeln!(f, "  given up, for a person to see    {:>9}", self.given_up)?;
        writeln!(f, "  STOP while an answer was due      {:>8}", self.left)?;
        for (what, cases) in &self.broken {
            writeln!(f, "  {what:<33} {:>8}", cases.len())?;
            for case in cases.iter().take(5) {
                writeln!(f, "      {case}")?;
            }
        }
        writeln!(f, "  messages that went out, by state:")?;
        for (state, count) in &self.outbound {
            writeln!(f, "      {state:<29} {count:>8}")?;
        }
        writeln!(f, "  what went wrong, seed {}:", self.seed)?;
        for (what, count) in self.disturbed.counts.iter().filter(|(_, count)| **count > 0) {
            writeln!(f, "      {count:>5} × {what}")?;
        }
        if self.is_broken() {
            return write!(f, "  A PROMISE WAS BROKEN");
        }
        if is_in_vain(&self.disturbed) {
            return write!(
                f,
                "  NOT ONE OF {} PROCESSES DIED WHERE IT WAS TOLD TO: build the server with `--features \
                 failpoints`",
                self.disturbed.told_to_die
            );
        }
        write!(f, "  every promise was kept")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[test]
    fn silence_is_right_only_of_who_is_suspended_while_a_customer_waits() {
        let suspensions = Suspensions::default();
        let (early, late) = (Writing::example(Instant::now()), Writing::example(Instant::now() + MOMENT));
        suspensions.began(0, late.patience_ends_at());
        assert!(may_be_unanswered(&late, &suspensions));
        assert!(!may_be_unanswered(&early, &suspensions), "it came too late to be a reason");
        suspensions.ended(late.patience_ends_at());
        let after = Writing::example(Instant::now() + MOMENT);
        assert!(!may_be_unanswered(&after, &suspensions), "it was over");
        let stored_before = Writing { posted_at: early.posted_at, ..after };
        assert!(
            may_be_unanswered(&stored_before, &suspensions),
            "it was over when that was known to be stored"
        );
    }

    #[test]
    fn a_run_in_which_nobody_dies_at_a_failpoint_is_in_vain() {
        let of = |told_to_die, died| is_in_vain(&Disturbed { told_to_die, died, ..Disturbed::default() });
        assert!(of(TOO_MANY_TO_LIVE, 0));
        assert!(!of(TOO_MANY_TO_LIVE, 1));
        assert!(!of(TOO_MANY_TO_LIVE - 1, 0), "it may be chance");
    }
}
