// Search from a folder on disk: browsers start no worker from file://, so a hidden frame does its
// work. Nothing is changed where the site comes from a server.
if (window.location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      const inner = this.frame.contentWindow;
      inner.importScripts = (...urls) =>
        urls.reduce((before, one) => before.then(() => new Promise((loaded) => {
          const script = inner.document.createElement("script");
          script.src = one;
          script.onload = loaded;
          inner.document.body.appendChild(script);
        })), Promise.resolve());
      inner.postMessage = (data) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        if (this.onmessage) this.onmessage(event);
      };
      this.ready = new Promise((loaded) => {
        const script = inner.document.createElement("script");
        script.src = url;
        script.onload = loaded;
        inner.document.body.appendChild(script);
      });
    }
    postMessage(data) {
      const inner = this.frame.contentWindow;
      this.ready.then(() => inner.dispatchEvent(new MessageEvent("message", { data })));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
