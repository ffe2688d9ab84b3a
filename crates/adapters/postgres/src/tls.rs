//! TLS to the database: the server's certificate is always checked.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::UrlError;

/// What makes a TLS connection.
pub(crate) type Connector = MakeRustlsConnect;

/// The parameter of a URL that names a PEM file with certificates. It is ours to read: the driver knows none.
const ROOT_CERTIFICATES: &str = "sslrootcert=";

/// Takes the name of the file with root certificates out of a URL, and asks the driver for what it calls `require` where the
/// URL asks for a checked certificate, which every TLS connection here has.
pub(crate) fn take_root_certificates(url: &str) -> (String, Option<String>) {
    let Some((place, parameters)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut file = None;
    let mut kept = Vec::new();
    for parameter in parameters.split('&') {
        match parameter.strip_prefix(ROOT_CERTIFICATES) {
            Some(path) => file = Some(path.replace("%2F", "/").replace("%2f", "/")),
            None if matches!(parameter, "sslmode=verify-full" | "sslmode=verify-ca") => {
                kept.push("sslmode=require");
            }
            None => kept.push(parameter),
        }
    }
    (format!("{place}?{}", kept.join("&")), file)
}

/// Makes a connector that trusts the certificates in a file, or else the public authorities.
pub(crate) fn connector(file: Option<&str>) -> Result<Connector, UrlError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = file {
        let failed = |reason: String| UrlError::Certificates { path: path.to_owned(), reason };
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))?;
        for certificate in certificates {
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(failed("it holds no certificate".to_owned()));
        }
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| UrlError::Malformed(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_with_certificates_is_not_shown_to_the_driver() {
        let (url, file) =
            take_root_certificates("postgres://a@b/c?sslmode=verify-full&sslrootcert=%2Fca.pem&options=x");

        assert_eq!(url, "postgres://a@b/c?sslmode=require&options=x");
        assert_eq!(file.as_deref(), Some("/ca.pem"));
    }
}
