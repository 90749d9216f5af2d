document.getElementById("self-posting").submit();
