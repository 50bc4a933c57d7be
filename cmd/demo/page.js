// Keeps the list of the last downloads new while somebody looks at it. Where
// nothing has changed, the answer is 304. Without this script, the list is that of
// the moment when the page was loaded.
const downloads = document.querySelector("#downloads")
let shown = ""

async function refresh() {
	if (document.visibilityState !== "visible") return
	const answer = await fetch("/downloads", {cache: "no-cache"})
	const html = await answer.text()
	if (!answer.ok || html === shown) return
	shown = html
	const fresh = document.createElement("template")
	fresh.innerHTML = html
	for (const part of [".last", "ol"]) { // not what is around them, which may have the focus
		downloads.querySelector(part).replaceWith(fresh.content.querySelector(part))
	}
}

const timer = setInterval(() => refresh().catch(() => {
	clearInterval(timer)
	downloads.querySelector(".last").textContent = "The demo has ended."
}), 1000)
