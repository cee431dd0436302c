// The bank has sent the shopper back: the page around this one goes on.

if (parent !== window) parent.postMessage('returned', location.origin)
