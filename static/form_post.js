// Sends the form of the page on its own (OAuth 2.0 Form Post Response Mode); without scripts its button does.
document.getElementById("form-post").submit();
