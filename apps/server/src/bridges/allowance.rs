//! What a tenant may still do, by its plan, its own limits and what it has used.

use std::sync::Arc;

use async_trait::async_trait;
use conversation::{Allowance, Cost, MayAnswer, Spent, TokenUsage};
use kernel::{StoreError, Timestamp};
use tenancy::{Tenant, TenantScope};
use usage::{Counts, PriceTable, UsageLine, UsageStore};

/// What a tenant may still do, by its plan, its own limits and what it has used; and what models cost, by a table.
pub struct PlanAllowance {
    /// What was used.
    pub usage: Arc<dyn UsageStore>,
    /// What models cost.
    pub prices: Arc<PriceTable>,
}

#[async_trait]
impl Allowance for PlanAllowance {
    async fn may_answer(
        &self,
        scope: &TenantScope,
        tenant: &Tenant,
        now: Timestamp,
    ) -> Result<MayAnswer, StoreError> {
        let standing = self.usage.standing(scope, now.date_naive()).await?;
        Ok(match standing.may_answer(tenant.plan()) {
            usage::MayAnswer::ByAnyModel => MayAnswer::ByAnyModel,
            usage::MayAnswer::ByTheModelInTheBox => {
                tracing::warn!(
                    tenant.id = %scope.tenant_id(),
                    usage.spent_today_micros = standing.spent_today_micros,
                    "the day's budget for models is used up; the model in the box answers"
                );
                MayAnswer::ByTheModelInTheBox
            }
            usage::MayAnswer::NotAtAll => {
                tracing::warn!(
                    tenant.id = %scope.tenant_id(),
                    usage.turns_this_month = standing.turns_this_month,
                    "the month's turns and their grace are used up; no model is asked"
                );
                MayAnswer::NotAtAll
            }
        })
    }

    async fn spend(&self, scope: &TenantScope, spent: &[Spent], at: Timestamp) -> Result<(), StoreError> {
        for one in spent.iter().filter(|one| one.tokens != TokenUsage::default()) {
            let counts = Counts {
                tokens_in: one.tokens.input.into(),
                tokens_out: one.tokens.output.into(),
                cost_micros: one.cost.micros,
                unpriced_tokens: one.cost.unpriced_tokens,
                ..Counts::default()
            };
            let line = UsageLine { day: at.date_naive(), model: one.model.clone(), counts };
            self.usage.count(scope, &line).await?;
        }
        Ok(())
    }

    fn cost(&self, model: &str, tokens: TokenUsage) -> Cost {
        let cost = self.prices.cost(model, tokens.input.into(), tokens.output.into());
        if cost.unpriced_tokens > 0 {
            tracing::warn!(
                model.name = model,
                usage.unpriced_tokens = cost.unpriced_tokens,
                "a model has no price, so what it costs is not known; the file that MODEL_PRICES names can say it"
            );
        }
        Cost { micros: cost.micros, unpriced_tokens: cost.unpriced_tokens }
    }
}
