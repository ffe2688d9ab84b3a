//! A proxy in front of a server, which changes what a test tells it to.

use std::sync::{Arc, Mutex};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Bytes, Data},
};

/// A request on its way.
pub(super) struct Passing {
    /// Its path and query.
    pub(super) target: String,
    /// Its headers.
    pub(super) headers: Vec<(String, String)>,
    /// Its body.
    pub(super) body: Vec<u8>,
}

type Change = fn(&mut Passing);

#[derive(Clone)]
struct Way {
    /// Where it leads, once that is known.
    upstream: Arc<Mutex<String>>,
    change: Change,
    http: reqwest::Client,
}

/// A proxy on a free port. It stops when it is dropped.
pub(super) struct Proxy {
    pub(super) base_url: String,
    way: Way,
    handle: ServerHandle,
}

impl Proxy {
    pub(super) fn start(change: Change) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let way = Way { upstream: Arc::default(), change, http };
        let ways = way.clone();
        let server = HttpServer::new(move || {
            App::new().app_data(Data::new(ways.clone())).default_service(web::to(pass_on))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let base_url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base_url, way, handle }
    }

    pub(super) fn lead_to(&self, upstream: &str) {
        upstream.clone_into(&mut self.way.upstream.lock().unwrap());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn pass_on(way: Data<Way>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let header = |(name, value): (&_, &actix_web::http::header::HeaderValue)| {
        (format!("{name}"), value.to_str().unwrap().to_owned())
    };
    let headers =
        request.headers().iter().map(header).filter(|(name, _)| name != "host" && name != "content-length");
    let target = request.uri().to_string();
    let mut passing = Passing { target, headers: headers.collect(), body: body.to_vec() };
    (way.change)(&mut passing);
    let url = format!("{}{}", way.upstream.lock().unwrap(), passing.target);
    let method = request.method().as_str().parse().unwrap();
    let onward = passing
        .headers
        .iter()
        .fold(way.http.request(method, url), |onward, (name, value)| onward.header(name, value));
    let answer = onward.body(passing.body).send().await.unwrap();
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status().as_u16()).unwrap());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "content-length") {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.body(answer.bytes().await.unwrap())
}
