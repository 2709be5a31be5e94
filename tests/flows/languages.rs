//! Pages speak the language of the person who reads them.

use axum::body::Body;
use axum::http::Request;
use chancery::store::tenants::Settings;

use crate::support::TestApp;

async fn login(app: &TestApp, path: &str, accept_language: &str) -> String {
    let request = Request::get(path).header("accept-language", accept_language);
    app.send(request.body(Body::empty()).unwrap()).await.body
}

#[tokio::test]
async fn a_page_speaks_what_the_browser_prefers_and_the_application_asks_for() {
    let app = TestApp::start().await;
    app.tenant("demo", Settings::default()).await;
    for (path, header, tag, button) in [
        ("/t/demo/login", "de-CH, en;q=0.5", "de", ">Anmelden</button>"),
        ("/t/demo/login", "es", "es", ">Iniciar sesión</button>"),
        ("/t/demo/login", "ja, fr;q=0.1", "fr", ">Se connecter</button>"),
        ("/t/demo/login", "ja", "en", ">Sign in</button>"),
        ("/t/demo/login?ui_locales=xx+fr", "de", "fr", ">Se connecter</button>"),
    ] {
        let page = login(&app, path, header).await;
        assert!(page.contains(&format!("<html lang=\"{tag}\">")), "{path} {header}: {page}");
        assert!(page.contains(button), "{path} {header}: {page}");
    }
}

#[tokio::test]
async fn a_tenant_has_its_language_for_those_who_have_none_and_errors_speak_it_too() {
    let app = TestApp::start().await;
    app.tenant("demo", Settings { language: Some("de".to_owned()), ..Settings::default() }).await;
    assert!(login(&app, "/t/demo/login", "ja").await.contains("<html lang=\"de\">"));
    assert!(login(&app, "/t/demo/login", "es").await.contains("<html lang=\"es\">"));
    let error = login(&app, "/t/demo/login?request=unknown", "").await;
    assert!(error.contains("<html lang=\"de\">") && error.contains("data-page=\"error\""), "{error}");
    let nobody = login(&app, "/t/nobody/login", "fr").await;
    assert!(nobody.contains("Ce locataire n’existe pas."), "{nobody}");
}
