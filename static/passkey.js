// Asks the browser for a passkey and sends its answer with the form it belongs to (WebAuthn Level 2 §7). A page without
// scripts leaves these forms hidden; every page has another way.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  buffer === null || buffer === undefined
    ? null
    : btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function readable(options) {
  const key = options.publicKey;
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const list of [key.allowCredentials, key.excludeCredentials]) {
    for (const credential of list || []) credential.id = bytes(credential.id);
  }
  return options;
}

function written(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = text(response.attestationObject);
  } else {
    answer.authenticatorData = text(response.authenticatorData);
    answer.signature = text(response.signature);
    answer.userHandle = text(response.userHandle);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: answer };
}

function attach(form) {
  const make = form.dataset.ceremony === "create";
  const options = () => readable(JSON.parse(form.dataset.options));
  let waiting = null;
  const send = (credential) => {
    form.elements.credential.value = JSON.stringify(written(credential));
    form.submit();
  };
  const failed = () => form.querySelector("[data-failed]").removeAttribute("hidden");
  form.removeAttribute("hidden");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (waiting) waiting.abort();
    const { publicKey } = options();
    const asked = make ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey });
    asked.then(send, failed);
  });
  if (options().mediation !== "conditional" || !PublicKeyCredential.isConditionalMediationAvailable) return;
  PublicKeyCredential.isConditionalMediationAvailable().then((available) => {
    if (!available) return;
    waiting = new AbortController();
    const { publicKey } = options();
    navigator.credentials.get({ publicKey, mediation: "conditional", signal: waiting.signal }).then(send, () => {});
  });
}

if (window.PublicKeyCredential) document.querySelectorAll("form[data-options]").forEach(attach);
