//! The next model is asked when one fails.

use std::{
    error::Error as _,
    sync::{Arc, Mutex},
};

use conversation::{LanguageModel, ModelError, ModelRequest, Unheard};
use kernel::ModelProvider::{self, Gemini, Offline, OpenAi};
use resilience::{ChainObserver, ModelChain, NoTimeLeft};

use crate::scripted::{Act, Ear, Scripted, down, rejected, request};

#[derive(Default)]
struct Log(Mutex<Vec<(ModelProvider, &'static str)>>);

impl ChainObserver for Log {
    fn answered(&self, provider: ModelProvider) {
        self.0.lock().unwrap().push((provider, "answered"));
    }

    fn failed(&self, provider: ModelProvider, error: &ModelError) {
        self.0.lock().unwrap().push((provider, error.name()));
    }
}

fn chain(models: &[(ModelProvider, &Arc<Scripted>)]) -> (ModelChain, Arc<Log>) {
    let log = Arc::new(Log::default());
    let of = |(provider, model): &(ModelProvider, &Arc<Scripted>)| -> (_, Arc<dyn LanguageModel>) {
        (*provider, (*model).clone())
    };
    let models = models.iter().map(of).collect();
    (ModelChain::new(models, log.clone()), log)
}

fn request_for(providers: &[ModelProvider], model: &str) -> ModelRequest {
    let mut asked = request();
    asked.settings.providers = providers.to_vec();
    asked.settings.model = Some(model.to_owned());
    asked
}

#[tokio::test]
async fn the_first_that_answers_is_heard_and_no_other_is_asked() {
    let (first, second) = (Scripted::new([Act::Says("One")]), Scripted::new([]));
    let (chain, log) = chain(&[(Gemini, &first), (OpenAi, &second)]);
    assert_eq!(chain.reply(&request(), &Unheard).await.unwrap().text, "One");
    assert_eq!(second.count(), 0);
    assert_eq!(*log.0.lock().unwrap(), [(Gemini, "answered")]);
}

#[tokio::test]
async fn whatever_fails_the_next_is_asked_and_what_was_heard_is_void() {
    let first = Scripted::new([Act::SaysAndFails("On", down())]);
    let (second, third) = (Scripted::failing([rejected()]), Scripted::new([Act::Says("Three")]));
    let (chain, log) = chain(&[(Gemini, &first), (OpenAi, &second), (Offline, &third)]);
    let ear = Ear::default();
    assert_eq!(chain.reply(&request(), &ear).await.unwrap().text, "Three");
    assert_eq!(ear.heard(), "On|Three");
    assert_eq!(
        *log.0.lock().unwrap(),
        [(Gemini, "unavailable"), (OpenAi, "rejected"), (Offline, "answered")]
    );
}

#[tokio::test]
async fn when_all_fail_the_last_failure_is_told() {
    let (first, second) = (Scripted::failing([down()]), Scripted::failing([rejected()]));
    let (chain, log) = chain(&[(Gemini, &first), (OpenAi, &second)]);
    let error = chain.reply(&request(), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::Rejected { .. }), "{error:?}");
    assert_eq!(log.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_took_the_time_is_told_rather_than_that_none_was_left() {
    let none_left = || ModelError::Unavailable(NoTimeLeft.into());
    let (first, second) = (Scripted::failing([rejected()]), Scripted::failing([none_left()]));
    let (chain, log) = chain(&[(Gemini, &first), (OpenAi, &second)]);
    let error = chain.reply(&request(), &Unheard).await.unwrap_err();
    assert!(matches!(error, ModelError::Rejected { .. }), "{error:?}");
    assert_eq!(*log.0.lock().unwrap(), [(Gemini, "rejected"), (OpenAi, "unavailable")]);
}

#[tokio::test]
async fn a_request_says_whom_to_ask_and_names_a_model_of_the_first_alone() {
    let (gemini, openai) = (Scripted::new([Act::Says("G")]), Scripted::failing([down()]));
    let offline = Scripted::new([]);
    let (chain, _) = chain(&[(Offline, &offline), (Gemini, &gemini), (OpenAi, &openai)]);
    let reply = chain.reply(&request_for(&[OpenAi, Gemini], "gpt-x"), &Unheard).await.unwrap();
    assert_eq!(reply.text, "G");
    assert_eq!(openai.asked(), [Some("gpt-x".to_owned())]);
    assert_eq!(gemini.asked(), [None]);
    assert_eq!(offline.count(), 0);
}

#[tokio::test]
async fn a_model_of_a_provider_that_is_not_here_is_nobody_elses() {
    let gemini = Scripted::new([Act::Says("G"), Act::Says("G")]);
    let (chain, _) = chain(&[(Gemini, &gemini)]);
    chain.reply(&request_for(&[OpenAi, Gemini], "gpt-x"), &Unheard).await.unwrap();
    chain.reply(&request_for(&[OpenAi], "gpt-x"), &Unheard).await.unwrap();
    assert_eq!(gemini.asked(), [None, None]);
}

#[tokio::test]
async fn where_nobody_is_named_the_model_is_the_first_ones() {
    let (gemini, offline) = (Scripted::failing([down()]), Scripted::new([Act::Says("O")]));
    let (chain, _) = chain(&[(Gemini, &gemini), (Offline, &offline)]);
    chain.reply(&request_for(&[], "gemini-x"), &Unheard).await.unwrap();
    assert_eq!((gemini.asked(), offline.asked()), (vec![Some("gemini-x".to_owned())], vec![None]));
}

#[tokio::test]
async fn a_chain_of_nobody_is_not_available() {
    let (chain, _) = chain(&[]);
    let error = chain.reply(&request(), &Unheard).await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "no model is configured");
}
