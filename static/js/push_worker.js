// Shows what Web Push brings, and opens the page it is about. A service worker of its own
// (registered below its folder, it controls no page); another may importScripts it.
/* global clients */
self.addEventListener("push", (event) => {
  let letter = {};
  try { letter = event.data?.json() ?? {}; } catch { letter = { title: event.data?.text() }; }
  event.waitUntil(self.registration.showNotification(letter.title || "网格", {
    body: letter.body,
    // The same letter again takes the place of the one before.
    tag: letter.tag,
    data: { url: letter.url || "/notifications/" },
    icon: "/static/img/mark.svg",
    requireInteraction: Boolean(letter.urgent),
    renotify: Boolean(letter.urgent && letter.tag),
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.url, self.location.origin);
  if (url.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const open = await clients.matchAll({ type: "window", includeUncontrolled: true });
    const here = open.find((one) => new URL(one.url).pathname === url.pathname);
    await (here ? here.focus() : clients.openWindow(url.href));
  })());
});
