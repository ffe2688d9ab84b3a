//! The few lines that a local start prints.

use std::path::Path;

use super::{BUSINESS_NUMBER, Demo};

/// Returns what somebody who has just started the server wants to know.
pub fn guide(demo: &Demo, admin_key: &str, keys_folder: &Path, program: &str) -> String {
    let Demo { local_url, tenant_id, api_key, widget_token, .. } = demo;
    format!(
        "
Chatter Cheetah answers at {local_url}

  API docs        {local_url}/docs
  Demo tenant     Bristol Plumbing, {BUSINESS_NUMBER}, {tenant_id}
  API key         {api_key}
  Widget token    {widget_token}
  Admin key       {admin_key}
  (made once for this machine, kept in {keys})

Text the receptionist, from another terminal:

  {program} demo sms \"my kitchen is flooding\"

",
        keys = keys_folder.display(),
    )
}
