// A button beside each command copies it. Where this script does not run, a click
// on the command selects it.
for (const command of document.querySelectorAll(".command")) {
	const button = document.createElement("button")
	button.textContent = "Copy"
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(command.querySelector("code").textContent)
		button.textContent = "Copied"
		setTimeout(() => { button.textContent = "Copy" }, 2000)
	})
	command.append(button)
}

// What changes on the page is kept as new as the server has it.
const timer = setInterval(async () => {
	if (document.hidden || !document.querySelector("[data-live]")) return
	try {
		const answer = await fetch(location.pathname, {cache: "no-cache"})
		const fresh = new DOMParser().parseFromString(await answer.text(), "text/html")
		for (const old of document.querySelectorAll("[data-live]")) {
			const now = fresh.getElementById(old.id)
			if (now && now.innerHTML !== old.innerHTML) old.innerHTML = now.innerHTML
		}
	} catch {
		clearInterval(timer)
		document.body.classList.add("ended")
	}
}, 500)
