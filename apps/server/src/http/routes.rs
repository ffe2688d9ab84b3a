//! Which handler serves which path.

use actix_web::{
    HttpResponse,
    http::Method,
    middleware::from_fn,
    web::{ServiceConfig, delete, get, head, method, patch, post, put, resource, scope, to},
};
use utoipa_swagger_ui::SwaggerUi;

use super::{
    api::{
        admin, ai_profiles, api_keys, audit, auth, base_prompts, channels, chat, consent, contacts,
        conversations, events, examples, feature_flags, leads, members, owner_tokens, profile, prompts,
        provider_accounts, tenant_limits, tenants, usage, widget_tokens,
    },
    health::healthz,
    home::{home, to_docs},
    idempotency, limits,
    metrics::metrics,
    openapi,
    problem::Problem,
    readiness::{health, readyz},
    webhooks::{twilio_probe::twilio_probe, twilio_sms::twilio_sms, twilio_status::twilio_status},
};

/// Registers every path. Each is a resource, never a bare route: only a resource answers 405 to other methods.
pub(super) fn register(config: &mut ServiceConfig) {
    config
        .service(resource("/").route(get().to(home)).route(head().to(home)))
        .service(resource("/healthz").route(get().to(healthz)).route(head().to(healthz)))
        .service(resource("/readyz").route(get().to(readyz)).route(head().to(readyz)))
        .service(resource("/health").route(get().to(health)).route(head().to(health)))
        .service(resource("/metrics").wrap(from_fn(limits::guesses)).route(get().to(metrics)))
        .service(resource("/docs").route(get().to(to_docs)))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", openapi::document()))
        .service(scope("/api/v1").configure(api))
        .configure(webhooks)
        .default_service(to(no_such_path));
}

/// What is wrapped last sees requests first: who has asked too often is not asked for more, and pages may read that they
/// have. Carriers are not limited: they come from few addresses, and deliver again what is refused.
fn api(config: &mut ServiceConfig) {
    let rest =
        scope("").configure(of_people).configure(of_tenants).configure(of_conversations).configure(of_leads);
    config
        .configure(webhooks)
        .configure(of_visitors)
        .service(rest.wrap(from_fn(idempotency::once)).wrap(from_fn(limits::api)));
}

fn of_visitors(config: &mut ServiceConfig) {
    let for_pages = |path: &str| {
        resource(path)
            .wrap(from_fn(limits::chat))
            .wrap(from_fn(chat::allow_origin))
            .route(method(Method::OPTIONS).to(chat::chat_preflight))
    };
    config
        .service(for_pages("/chat").route(post().to(chat::chat).wrap(from_fn(idempotency::once))))
        .service(for_pages("/chat/sessions").route(post().to(chat::open_session::open_chat_session)))
        .service(for_pages("/chat/messages").route(get().to(chat::messages::list_chat_messages)));
}

/// How people sign in and out.
fn of_people(config: &mut ServiceConfig) {
    config
        .service(resource("/auth/login").route(post().to(auth::login::log_in)))
        .service(resource("/auth/refresh").route(post().to(auth::refresh::refresh)))
        .service(resource("/auth/logout").route(post().to(auth::logout::log_out)))
        .service(resource("/auth/me").route(get().to(auth::me::show_me)))
        .service(resource("/auth/password").route(put().to(auth::password::change_own_password)))
        .service(
            resource("/admin/auth")
                .route(post().to(admin::sign_in::sign_in_as_admin))
                .route(get().to(admin::show::show_admin)),
        )
        .service(resource("/admin/logout").route(post().to(admin::sign_out::sign_out_as_admin)))
        .service(resource("/admin/audit-log").route(get().to(audit::list_platform::list_platform_audit_log)));
}

fn of_tenants(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants")
                .route(post().to(tenants::create::create_tenant))
                .route(get().to(tenants::list::list_tenants)),
        )
        .service(
            resource("/tenants/{tenant_id}")
                .route(get().to(tenants::get::get_tenant))
                .route(patch().to(tenants::change::change_tenant)),
        )
        .service(
            resource("/tenants/{tenant_id}/profile")
                .route(get().to(profile::get::get_profile))
                .route(put().to(profile::put::put_profile)),
        )
        .service(
            resource("/tenants/{tenant_id}/feature-flags")
                .route(get().to(feature_flags::list::list_feature_flags)),
        )
        .service(
            resource("/tenants/{tenant_id}/feature-flags/{flag}")
                .route(put().to(feature_flags::set::set_feature_flag)),
        )
        .service(resource("/tenants/{tenant_id}/audit-log").route(get().to(audit::list::list_audit_log)))
        .service(resource("/tenants/{tenant_id}/events").route(get().to(events::stream::stream_events)))
        .configure(of_members)
        .configure(of_credentials)
        .configure(of_channels)
        .configure(of_prompts)
        .configure(of_trying_prompts)
        .configure(of_base_prompts)
        .configure(of_usage);
}

fn of_members(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/members")
                .route(post().to(members::add::add_member))
                .route(get().to(members::list::list_members)),
        )
        .service(
            resource("/tenants/{tenant_id}/members/{member_id}")
                .route(get().to(members::get::get_member))
                .route(patch().to(members::change::change_member)),
        )
        .service(
            resource("/tenants/{tenant_id}/members/{member_id}/password")
                .route(put().to(members::set_password::set_member_password)),
        );
}

fn of_credentials(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/api-keys")
                .route(post().to(api_keys::create::create_api_key))
                .route(get().to(api_keys::list::list_api_keys)),
        )
        .service(
            resource("/tenants/{tenant_id}/api-keys/{key_id}")
                .route(delete().to(api_keys::revoke::revoke_api_key)),
        )
        .service(
            resource("/tenants/{tenant_id}/api-keys/{key_id}/rotate")
                .route(post().to(api_keys::rotate::rotate_api_key)),
        )
        .service(
            resource("/tenants/{tenant_id}/owner-tokens")
                .route(post().to(owner_tokens::create::create_owner_token))
                .route(get().to(owner_tokens::list::list_owner_tokens)),
        )
        .service(
            resource("/tenants/{tenant_id}/owner-tokens/{owner_token_id}")
                .route(delete().to(owner_tokens::revoke::revoke_owner_token)),
        )
        .service(
            resource("/tenants/{tenant_id}/widget-tokens")
                .route(post().to(widget_tokens::create::create_widget_token))
                .route(get().to(widget_tokens::list::list_widget_tokens)),
        )
        .service(
            resource("/tenants/{tenant_id}/widget-tokens/{token_id}")
                .route(delete().to(widget_tokens::revoke::revoke_widget_token)),
        );
}

fn of_channels(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/provider-accounts")
                .route(post().to(provider_accounts::add::add_provider_account))
                .route(get().to(provider_accounts::list::list_provider_accounts)),
        )
        .service(
            resource("/tenants/{tenant_id}/provider-accounts/{account_id}")
                .route(delete().to(provider_accounts::remove::remove_provider_account)),
        )
        .service(
            resource("/tenants/{tenant_id}/channels")
                .route(post().to(channels::bind::bind_channel))
                .route(get().to(channels::list::list_channels)),
        )
        .service(
            resource("/tenants/{tenant_id}/channels/{channel_id}")
                .route(patch().to(channels::change::change_channel)),
        );
}

fn of_prompts(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/prompts")
                .route(post().to(prompts::draft::draft_prompt))
                .route(get().to(prompts::list::list_prompts)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}")
                .route(get().to(prompts::get::get_prompt))
                .route(patch().to(prompts::change::change_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/submit")
                .route(post().to(prompts::submit::submit_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/publish")
                .route(post().to(prompts::publish::publish_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/roll-back")
                .route(post().to(prompts::roll_back::roll_back_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/diff")
                .route(get().to(prompts::diff::diff_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/ai-profiles")
                .route(post().to(ai_profiles::create::create_ai_profile))
                .route(get().to(ai_profiles::list::list_ai_profiles)),
        )
        .service(
            resource("/tenants/{tenant_id}/ai-profiles/{profile_id}")
                .route(get().to(ai_profiles::get::get_ai_profile))
                .route(patch().to(ai_profiles::change::change_ai_profile)),
        );
}

fn of_trying_prompts(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/compose")
                .route(post().to(prompts::compose::compose_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/test")
                .route(post().to(prompts::test::test_prompt)),
        )
        .service(
            resource("/tenants/{tenant_id}/prompts/{prompt_id}/runs")
                .route(post().to(prompts::run_examples::run_prompt_examples))
                .route(get().to(prompts::runs::list_prompt_runs)),
        )
        .service(
            resource("/tenants/{tenant_id}/examples")
                .route(post().to(examples::create::create_example))
                .route(get().to(examples::list::list_examples)),
        )
        .service(
            resource("/tenants/{tenant_id}/examples/from-conversation")
                .route(post().to(examples::from_conversation::create_example_from_conversation)),
        )
        .service(
            resource("/tenants/{tenant_id}/examples/{example_id}")
                .route(get().to(examples::get::get_example))
                .route(put().to(examples::put::put_example))
                .route(delete().to(examples::remove::remove_example)),
        );
}

fn of_base_prompts(config: &mut ServiceConfig) {
    config
        .service(
            resource("/admin/prompts")
                .route(post().to(base_prompts::draft::draft_base_prompt))
                .route(get().to(base_prompts::list::list_base_prompts)),
        )
        .service(
            resource("/admin/prompts/{prompt_id}")
                .route(get().to(base_prompts::get::get_base_prompt))
                .route(patch().to(base_prompts::change::change_base_prompt)),
        )
        .service(
            resource("/admin/prompts/{prompt_id}/submit")
                .route(post().to(base_prompts::submit::submit_base_prompt)),
        )
        .service(
            resource("/admin/prompts/{prompt_id}/publish")
                .route(post().to(base_prompts::publish::publish_base_prompt)),
        )
        .service(
            resource("/admin/prompts/{prompt_id}/roll-back")
                .route(post().to(base_prompts::roll_back::roll_back_base_prompt)),
        )
        .service(
            resource("/admin/prompts/{prompt_id}/diff").route(get().to(base_prompts::diff::diff_base_prompt)),
        );
}

fn of_usage(config: &mut ServiceConfig) {
    config
        .service(resource("/tenants/{tenant_id}/usage").route(get().to(usage::show::show_usage)))
        .service(resource("/tenants/{tenant_id}/usage/export").route(get().to(usage::export::export_usage)))
        .service(
            resource("/tenants/{tenant_id}/limits")
                .route(get().to(tenant_limits::show::show_limits))
                .route(put().to(tenant_limits::set::set_limits)),
        );
}

fn of_conversations(config: &mut ServiceConfig) {
    config
        .service(resource("/contacts").route(get().to(contacts::list::list_contacts)))
        .service(resource("/contacts/{contact_id}").route(get().to(contacts::get::get_contact)))
        .service(
            resource("/contacts/{contact_id}/consent")
                .route(get().to(contacts::show_consent::show_contact_consent))
                .route(put().to(contacts::change_consent::change_contact_consent)),
        )
        .service(
            resource("/consent")
                .route(get().to(consent::show::show_consent))
                .route(put().to(consent::change::change_consent)),
        )
        .service(resource("/consent/ledger").route(get().to(consent::ledger::list_consent_ledger)))
        .service(resource("/conversations").route(get().to(conversations::list::list_conversations)))
        .configure(of_one_conversation);
}

fn of_one_conversation(config: &mut ServiceConfig) {
    config
        .service(
            resource("/conversations/{conversation_id}")
                .route(get().to(conversations::get::get_conversation)),
        )
        .service(
            resource("/conversations/{conversation_id}/messages")
                .route(get().to(conversations::messages::list_messages))
                .route(post().to(conversations::answer::answer_in_person)),
        )
        .service(
            resource("/conversations/{conversation_id}/refused-sends")
                .route(get().to(conversations::refused_sends::list_refused_sends)),
        )
        .service(
            resource("/conversations/{conversation_id}/close")
                .route(post().to(conversations::change::close_conversation)),
        )
        .service(
            resource("/conversations/{conversation_id}/reopen")
                .route(post().to(conversations::change::reopen_conversation)),
        )
        .service(
            resource("/conversations/{conversation_id}/pause")
                .route(post().to(conversations::change::pause_conversation)),
        )
        .service(
            resource("/conversations/{conversation_id}/resume")
                .route(post().to(conversations::change::resume_conversation)),
        );
}

fn of_leads(config: &mut ServiceConfig) {
    config
        .service(
            resource("/leads")
                .route(get().to(leads::list::list_leads))
                .route(post().to(leads::create::create_lead)),
        )
        .service(resource("/leads/export").route(get().to(leads::export::export_leads)))
        .service(
            resource("/leads/{lead_id}")
                .route(get().to(leads::get::get_lead))
                .route(patch().to(leads::change::change_lead))
                .route(delete().to(leads::delete::delete_lead)),
        )
        .service(resource("/leads/{lead_id}/status").route(put().to(leads::set_status::set_lead_status)))
        .service(resource("/leads/{lead_id}/notes").route(post().to(leads::note::add_lead_note)))
        .service(
            resource("/leads/{lead_id}/tags/{tag}")
                .route(put().to(leads::tag::tag_lead))
                .route(delete().to(leads::tag::untag_lead)),
        )
        .service(resource("/leads/{lead_id}/merge").route(post().to(leads::merge::merge_leads)))
        .service(resource("/leads/{lead_id}/unmerge").route(post().to(leads::unmerge::unmerge_leads)));
}

/// Carriers' webhooks answer at the root and under the API's prefix: both are in use.
fn webhooks(config: &mut ServiceConfig) {
    config
        .service(resource("/webhooks/twilio/sms").route(post().to(twilio_sms)))
        .service(resource("/webhooks/twilio/status").route(post().to(twilio_status)))
        .service(resource("/webhooks/twilio/probe").route(post().to(twilio_probe)));
}

async fn no_such_path() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found("path"))
}
