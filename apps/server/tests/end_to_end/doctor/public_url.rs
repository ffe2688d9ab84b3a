//! The public URL: whether it leads here.

use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};

use super::{examine, local, production, proxy::Proxy};

#[test]
fn set_up_9_a_public_url_that_is_not_https_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let found = examine(&production(folder.path()).with("PUBLIC_BASE_URL", "http://chat.example.invalid"));
    found.assert_fails(
        "configuration",
        "PUBLIC_BASE_URL does not begin with https://",
        "https://chat.example.com",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_shared_machine_one_that_is_not_https_is_a_warning() {
    let (folder, proxy) = (tempfile::tempdir().unwrap(), Proxy::start(|_| {}));
    let spec = local(folder.path()).with("APP_ENV", "development").with("PUBLIC_BASE_URL", &proxy.base_url);
    let server = spec.start_until_logged("serving at ").unwrap();
    proxy.lead_to(server.base_url());
    examine(&spec).assert_warns("public URL", "is not https", "TLS");
}

#[test]
fn set_up_10_a_public_url_that_does_not_answer_is_named() {
    let folder = tempfile::tempdir().unwrap();
    local(folder.path()).start().unwrap().stop().unwrap();
    let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let found = examine(&local(folder.path()).with("PUBLIC_BASE_URL", format!("http://{address}")));
    found.assert_fails("public URL", "does not answer", "see that the server runs");
    found.assert_is("skip", "signatures");
}

#[test]
fn set_up_11_a_public_url_that_leads_to_another_installation_is_named() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    local(folder.path()).start().unwrap().stop().unwrap();
    let server = local(other.path()).start().unwrap();
    let found = examine(&local(folder.path()).with("PUBLIC_BASE_URL", server.base_url()));
    found.assert_fails("public URL", "a server of another installation", "PUBLIC_BASE_URL");
}

#[actix_web::test]
async fn a_public_url_that_leads_to_something_else_or_on_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let spec = local(folder.path());
    spec.start().unwrap().stop().unwrap();
    let server = HttpServer::new(|| {
        App::new().route("/else/healthz", web::get().to(|| async { "welcome to nginx" })).route(
            "/on/healthz",
            web::get().to(|| async {
                HttpResponse::Found().insert_header(("Location", "https://www.example.invalid/")).finish()
            }),
        )
    });
    let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    for (path, detail, mend) in [
        ("else", "answers something that is not this server", "this server's own address"),
        ("on", "redirects to https://www.example.invalid/", "do not follow redirects"),
        ("nowhere", "HTTP status 404", "this server's own address"),
    ] {
        let spec = spec.clone().with("PUBLIC_BASE_URL", format!("{base}/{path}"));
        let found = web::block(move || examine(&spec)).await.unwrap();
        found.assert_fails("public URL", detail, mend);
    }
    handle.stop(false).await;
}
