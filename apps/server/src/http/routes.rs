//! Which handler serves which path.

use actix_web::{
    HttpResponse,
    http::Method,
    middleware::from_fn,
    web::{ServiceConfig, delete, get, method, patch, post, put, resource, scope, to},
};
use utoipa_swagger_ui::SwaggerUi;

use super::{
    api::{
        api_keys, channels, chat, consent, contacts, conversations, profile, provider_accounts, tenants,
        widget_tokens,
    },
    health::healthz,
    home::{home, to_docs},
    openapi,
    problem::Problem,
    webhooks::{twilio_sms::twilio_sms, twilio_status::twilio_status},
};

/// Registers every path.
pub(super) fn register(config: &mut ServiceConfig) {
    config
        .route("/", get().to(home))
        .route("/healthz", get().to(healthz))
        .route("/docs", get().to(to_docs))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", openapi::document()))
        .service(scope("/api/v1").configure(api))
        .configure(webhooks)
        .default_service(to(no_such_path));
}

fn api(config: &mut ServiceConfig) {
    config.configure(of_tenants).configure(of_conversations).configure(webhooks).service(
        resource("/chat")
            .wrap(from_fn(chat::allow_origin))
            .route(post().to(chat::chat))
            .route(method(Method::OPTIONS).to(chat::chat_preflight)),
    );
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
        .configure(of_credentials)
        .configure(of_channels);
}

fn of_credentials(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/api-keys")
                .route(post().to(api_keys::create::create_api_key))
                .route(get().to(api_keys::list::list_api_keys)),
        )
        .route("/tenants/{tenant_id}/api-keys/{key_id}", delete().to(api_keys::revoke::revoke_api_key))
        .service(
            resource("/tenants/{tenant_id}/widget-tokens")
                .route(post().to(widget_tokens::create::create_widget_token))
                .route(get().to(widget_tokens::list::list_widget_tokens)),
        )
        .route(
            "/tenants/{tenant_id}/widget-tokens/{token_id}",
            delete().to(widget_tokens::revoke::revoke_widget_token),
        );
}

fn of_channels(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants/{tenant_id}/provider-accounts")
                .route(post().to(provider_accounts::add::add_provider_account))
                .route(get().to(provider_accounts::list::list_provider_accounts)),
        )
        .route(
            "/tenants/{tenant_id}/provider-accounts/{account_id}",
            delete().to(provider_accounts::remove::remove_provider_account),
        )
        .service(
            resource("/tenants/{tenant_id}/channels")
                .route(post().to(channels::bind::bind_channel))
                .route(get().to(channels::list::list_channels)),
        )
        .route("/tenants/{tenant_id}/channels/{channel_id}", patch().to(channels::change::change_channel));
}

fn of_conversations(config: &mut ServiceConfig) {
    config
        .route("/contacts", get().to(contacts::list::list_contacts))
        .route("/contacts/{contact_id}", get().to(contacts::get::get_contact))
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
        .route("/consent/ledger", get().to(consent::ledger::list_consent_ledger))
        .route("/conversations", get().to(conversations::list::list_conversations))
        .configure(of_one_conversation);
}

fn of_one_conversation(config: &mut ServiceConfig) {
    config
        .route("/conversations/{conversation_id}", get().to(conversations::get::get_conversation))
        .service(
            resource("/conversations/{conversation_id}/messages")
                .route(get().to(conversations::messages::list_messages))
                .route(post().to(conversations::answer::answer_in_person)),
        )
        .route(
            "/conversations/{conversation_id}/refused-sends",
            get().to(conversations::refused_sends::list_refused_sends),
        )
        .route("/conversations/{conversation_id}/close", post().to(conversations::change::close_conversation))
        .route(
            "/conversations/{conversation_id}/reopen",
            post().to(conversations::change::reopen_conversation),
        )
        .route("/conversations/{conversation_id}/pause", post().to(conversations::change::pause_conversation))
        .route(
            "/conversations/{conversation_id}/resume",
            post().to(conversations::change::resume_conversation),
        );
}

/// Carriers' webhooks answer at the root and under the API's prefix: both are in use.
fn webhooks(config: &mut ServiceConfig) {
    config
        .route("/webhooks/twilio/sms", post().to(twilio_sms))
        .route("/webhooks/twilio/status", post().to(twilio_status));
}

async fn no_such_path() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found("path"))
}
