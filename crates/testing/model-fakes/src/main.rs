//! Serves models that need no key, for a developer: prints where they are and what to set.

use std::io::{self, Write as _};

use model_fakes::FakeModelServer;

/// Where the models are, unless the first argument says otherwise.
const PORT: u16 = 8091;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).map_or(Ok(PORT), |text| text.parse());
    let port = port.map_err(|_| io::Error::other("the argument is the number of a port"))?;
    let server = FakeModelServer::start_at(port).await?;
    writeln!(
        io::stdout(),
        "# Models that need no key. Set what follows where `cheetah` starts; stop with Ctrl-C.\n\
         GEMINI_API_BASE={}\nGEMINI_API_KEY=fake\nOPENAI_API_BASE={}\nOPENAI_API_KEY=fake\n\
         # gemini, or openai\nLLM_PROVIDER=gemini",
        server.gemini_base().as_str().trim_end_matches('/'),
        server.openai_base(),
    )?;
    tokio::signal::ctrl_c().await
}
