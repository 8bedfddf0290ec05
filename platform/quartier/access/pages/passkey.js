// Passkeys: asks the house for a challenge, lets the device answer it, and hands the answer back.
// Forms marked data-passkey appear only where this runs and the browser knows passkeys; everything else works without.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const english = document.documentElement.lang === "en";
  const say = (de, en) => (english ? en : de);
  const WAYS = {
    "sign-in": { options: "/auth/passkey/options", answer: "/auth/passkey" },
    again: { options: "/auth/again/options", answer: "/auth/again" },
    "set-up": { options: "/auth/passkeys/options", answer: "/auth/passkeys", makes: true },
  };

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const known = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  // By hand, because not every browser that knows passkeys knows parseCreationOptionsFromJSON and toJSON.
  const make = async (options) => {
    const user = { ...options.user, id: bytes(options.user.id) };
    const publicKey = {
      ...options, user, challenge: bytes(options.challenge), excludeCredentials: known(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = made.response;
    return {
      id: made.id, rawId: text(made.rawId), type: made.type,
      response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) },
    };
  };
  const show = async (options) => {
    const publicKey = {
      ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials),
    };
    const shown = await navigator.credentials.get({ publicKey });
    const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
    return {
      id: shown.id, rawId: text(shown.rawId), type: shown.type,
      response: {
        clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
        userHandle: userHandle && userHandle.byteLength ? text(userHandle) : null,
      },
    };
  };

  const send = async (path, word, body) => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": word },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(told.detail), { told });
    return told;
  };

  const because = (error) => {
    if (error.told) return error.told.detail;
    switch (error.name) {
      case "NotAllowedError":
        return say(
          "Das wurde abgebrochen, oder auf diesem Gerät ist kein Passkey für diese Adresse. Bitte noch einmal versuchen, oder einen anderen Weg nehmen.",
          "This was cancelled, or this device has no passkey for this address. Please try again, or take another way.",
        );
      case "InvalidStateError":
        return say(
          "Auf diesem Gerät ist schon ein Passkey von Ihnen. Sie können ihn gleich benutzen.",
          "This device has a passkey of yours already. You can use it right away.",
        );
      case "SecurityError":
        return say(
          "An dieser Adresse erlaubt der Browser keine Passkeys. Bitte einen Code per E-Mail nehmen.",
          "The browser allows no passkeys at this address. Please take a code by e-mail.",
        );
      case "TypeError":
        return say("Keine Verbindung. Bitte gleich noch einmal versuchen.", "No connection. Please try again in a moment.");
      default:
        return say("Das hat nicht geklappt. Bitte noch einmal versuchen.", "This did not work. Please try again.");
    }
  };

  const tell = (area, words, again) => {
    area.replaceChildren(words);
    if (!again) return;
    const link = document.createElement("a");
    link.href = again;
    link.textContent = say("Jetzt Passkey zeigen", "Show a passkey now");
    area.append(" ", link);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const way = WAYS[form.dataset.passkey];
    const button = form.querySelector("button");
    const area = form.querySelector("[role=status]");
    const wish = () => ({ next: form.dataset.next, name: form.elements.name ? form.elements.name.value : "" });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      tell(area, "");
      try {
        const options = await send(way.options, form.dataset.word, wish());
        const credential = await (way.makes ? make : show)(options);
        const told = await send(way.answer, form.dataset.word, { ...wish(), credential });
        window.location.assign(told.next);
      } catch (error) {
        tell(area, because(error), error.told && error.told.again);
        button.disabled = false;
        button.focus();
      }
    });
    form.hidden = false;
  }
  for (const part of document.querySelectorAll("[data-with-script]")) part.hidden = false;
  for (const part of document.querySelectorAll("[data-without-script]")) part.hidden = true;
})();
