/** Before something is changed: by its name, and by whom. */
export function MutationWarning(props: {
  name: string | undefined;
  login: string | null;
  begin(): void;
  leave(): void;
}) {
  const { name, login, begin, leave } = props;
  return (
    <dialog className="help" aria-labelledby="mutation-title" ref={open} onClose={leave}>
      <h2 id="mutation-title">This changes something</h2>
      <p>
        {name ? `The mutation ${name}` : 'The mutation'} is run on this server as {login ?? 'a visitor'}.
      </p>
      <div className="acts">
        <button className="btn" type="button" onClick={leave}>
          Leave it
        </button>
        <button className="btn primary" type="button" onClick={begin}>
          Run it
        </button>
      </div>
    </dialog>
  );
}

const open = (dialog: HTMLDialogElement | null) => dialog?.showModal();
