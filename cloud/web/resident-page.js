// Makes the pages of a home quicker where a script runs: one press that is held, a count that counts, the place, a small photo.
// Every page works without it.
(() => {
  const holdMs = 1000;
  const form = document.querySelector('form[data-hold]');
  if (form !== null) hold(form);
  const sos = document.querySelector('[data-sos]');
  if (sos !== null) follow(sos);
  const report = document.querySelector('form[data-report]');
  if (report !== null) shrinkPhoto(report);

  /** Held for a second it asks for help at once; let go before, nothing happens. Enter and Space are held like a finger. */
  function hold(of) {
    const button = of.querySelector('[data-held]');
    of.querySelector('[data-plain]').remove();
    button.classList.remove('hidden');
    of.querySelector('[data-two]').classList.remove('hidden');
    let timer;
    const begin = () => {
      if (timer !== undefined) return;
      button.classList.add('holding');
      timer = setTimeout(() => {
        if (navigator.vibrate) navigator.vibrate(200);
        of.submit();
      }, holdMs);
    };
    const end = () => {
      clearTimeout(timer);
      timer = undefined;
      button.classList.remove('holding');
    };
    button.addEventListener('pointerdown', begin);
    for (const over of ['pointerup', 'pointerleave', 'pointercancel', 'blur', 'keyup']) button.addEventListener(over, end);
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    button.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      begin();
    });
    button.addEventListener('click', (event) => {
      event.preventDefault();
      // A reader for the blind presses without a finger or a key: it is led to the two steps.
      if (event.detail === 0 && timer === undefined && !event.pointerType) location.assign(of.dataset.ask);
    });
  }

  /** Counts down, looks again when the time is over, and says where the telephone is, if its owner lets it. */
  function follow(of) {
    const left = of.querySelector('[data-left]');
    if (left !== null) count(left);
    const wants = (of.dataset.sos === 'pending' || of.dataset.sos === 'sent') && !('located' in of.dataset);
    if (!wants || !navigator.geolocation) return;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const body = JSON.stringify({
          lon: coords.longitude,
          lat: coords.latitude,
          accuracyM: Math.min(coords.accuracy, 100000),
        });
        fetch(of.dataset.place, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).catch(() => undefined);
      },
      () => undefined,
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 },
    );
  }

  function count(of) {
    const ends = performance.now() + Number(of.dataset.left) * 1000;
    const timer = setInterval(() => {
      const seconds = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
      of.textContent = String(seconds);
      if (seconds > 0) return;
      clearInterval(timer);
      // A little behind, so that the next page knows what became of it.
      setTimeout(() => location.reload(), 2000);
    }, 250);
  }

  /** What a camera makes is too much for a bad network; where it cannot be made smaller it goes as it is. */
  function shrinkPhoto(of) {
    const field = of.querySelector('input[type=file]');
    field.setAttribute('accept', 'image/*');
    field.addEventListener('change', async () => {
      const [file] = field.files;
      if (file === undefined) return;
      const small = await shrunk(file).catch(() => null);
      if (small === null || field.files[0] !== file) return;
      const made = new DataTransfer();
      made.items.add(new File([small], 'photo.jpg', { type: 'image/jpeg' }));
      field.files = made.files;
    });
    let sent = false;
    of.addEventListener('submit', (event) => {
      if (sent) event.preventDefault();
      sent = true;
    });
  }

  async function shrunk(file) {
    const image = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, 1600 / Math.max(image.width, image.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.65));
  }
})();
