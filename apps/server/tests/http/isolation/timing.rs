//! How long an answer takes tells nothing either.

use std::time::{Duration, Instant};

use actix_web::{
    App,
    test::{self, TestRequest},
};
use server::http;
use uuid::Uuid;

use super::{
    party::{Party, world},
    places::{At, Names, places},
};
use crate::support::{operations, valid_body};

/// How often each is asked for.
const PAIRS: usize = 30;
/// How many of the pairs may be won by one side: chance stays within this, but for one run in ten thousand.
const CHANCE: std::ops::RangeInclusive<usize> = 5..=25;
/// How far the medians may be apart all the same. A look into another table, or at one row more, costs more than this.
const NOISE: f64 = 1.25;

/// In turns, so that whatever else the machine does meets both: only one that wins almost every time, and by more than a
/// little, is told from the other.
#[actix_web::test]
async fn a_foreign_id_takes_as_long_as_a_random_one() {
    let world = world();
    let own = Party::new(&world, "sparrow", "+15551230000").await;
    let other = Party::new(&world, "lark", "+15551230001").await;
    let (ids, foreign) = (own.ids(&world).await, other.ids(&world).await);
    let app = test::init_service(App::new().service(http::service(&world.services))).await;
    let mut asked = 0;
    for operation in operations() {
        let schemes = operation.schemes().concat();
        if !schemes.iter().any(|scheme| scheme == "api_key") {
            continue;
        }
        let body = operation.description().get("requestBody").map(|_| valid_body(operation.id(), &ids));
        for place in places(&operation) {
            let (At::Path, Names::Thing(thing)) = (place.at, place.names) else { continue };
            let path = |id: String| {
                let mut ids = ids.clone();
                ids.insert(thing, id);
                operation.path_with(&ids)
            };
            let time = async |path: &str| {
                let request = TestRequest::with_uri(path)
                    .method(operation.method.to_uppercase().parse().unwrap())
                    .insert_header(("X-API-Key", own.business.key.as_str()));
                let request = match &body {
                    Some(body) => request.set_json(body),
                    None => request,
                };
                let request = request.to_request();
                let began = Instant::now();
                let answer = test::call_service(&app, request).await;
                let took = began.elapsed();
                assert_eq!(answer.status(), 404, "{path}");
                took
            };
            let mut times: [Vec<Duration>; 2] = Default::default();
            for pair in 0..PAIRS {
                let paths = [path(foreign[thing].clone()), path(Uuid::now_v7().to_string())];
                let first = pair % 2;
                for which in [first, 1 - first] {
                    times[which].push(time(&paths[which]).await);
                }
            }
            let won = times[0].iter().zip(&times[1]).filter(|(foreign, random)| foreign > random).count();
            let [foreign, random] = times.map(|mut times| {
                times.sort_unstable();
                times[PAIRS / 2].as_secs_f64()
            });
            let ratio = foreign / random;
            let is_noise = CHANCE.contains(&won) || (1.0 / NOISE..NOISE).contains(&ratio);
            assert!(is_noise, "{} {place:?}: {won} of {PAIRS}, {ratio:.2} times as long", operation.id());
            asked += 1;
        }
    }
    assert!(asked > 80, "the walk found {asked}");
}
