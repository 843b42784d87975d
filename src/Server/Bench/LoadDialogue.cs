using System.Buffers;

namespace SlimtaFast.Server.Bench;

/// <summary>
/// The client's side of one load session as a pure state machine: codes of final reply lines go in, bytes to send come out. Not
/// thread-safe.
/// </summary>
internal sealed class LoadDialogue(LoadScript script)
{
    private enum State
    {
        Greeting,
        Hello,
        StartTls,
        Ready,
        Mail,
        Recipients,
        Data,
        Content,
        Reset,
        Quit,
        Closed,
    }

    private State _state = State.Greeting;
    private LoadAddressing _to = script.NextAddressing();
    private int _awaited = 1;
    private int _refusal;

    /// <summary>What to send now; valid after <see cref="LoadEvent.Send"/>, <see cref="BeginMessage"/> and <see cref="Quit"/>.</summary>
    public ReadOnlySequence<byte> Outgoing { get; private set; }

    /// <summary>The code of the last refusal; 0 before the first.</summary>
    public int LastRefusal { get; private set; }

    /// <summary>Begins a message; allowed where the last event was Ready, Accepted or Refused.</summary>
    public void BeginMessage()
    {
        _refusal = 0;
        LoadAddressing to = _to = script.NextAddressing();
        switch (script.Mode)
        {
            case LoadMode.Lockstep:
                Await(State.Mail, 1, script.Mail);
                break;
            case LoadMode.Pipeline:
                Await(State.Data, script.Recipients + 2, to.Group);
                break;
            default:
                Await(State.Content, script.Recipients + 2, to.Whole);
                break;
        }
    }

    /// <summary>Asks for TLS; allowed where the last event was Ready.</summary>
    public void StartTls() => Await(State.StartTls, 1, LoadScript.StartTls);

    /// <summary>Says hello again; allowed after the TLS handshake.</summary>
    public void SayHello() => Await(State.Hello, 1, LoadScript.Hello);

    /// <summary>Ends the session politely; allowed where a message may begin.</summary>
    public void Quit() => Await(State.Quit, 1, LoadScript.Quit);

    /// <summary>Takes the code of a reply's last line.</summary>
    public LoadEvent OnReply(int code)
    {
        if (code == 421)
        {
            LastRefusal = code;
            _state = State.Closed;
            return LoadEvent.Closed;
        }

        if (code >= 400 && _refusal == 0)
            LastRefusal = _refusal = code;
        if (--_awaited > 0)
            return LoadEvent.Wait;
        switch (_state)
        {
            case State.Greeting:
                return _refusal != 0 ? Close() : Send(State.Hello, LoadScript.Hello);
            case State.Hello:
            case State.StartTls:
                return _refusal != 0 ? Close() : Settle(LoadEvent.Ready);
            case State.Mail:
                return _refusal != 0 ? Send(State.Reset, LoadScript.Reset) : Send(State.Recipients, _to.Rcpt, script.Recipients);
            case State.Recipients:
                return _refusal != 0 ? Send(State.Reset, LoadScript.Reset) : Send(State.Data, LoadScript.Data);
            case State.Data:
                // A 354 must be followed by a content, even where a recipient before it was refused.
                return code == 354 ? Send(State.Content, script.Content) : Send(State.Reset, LoadScript.Reset);
            case State.Content:
                return Settle(_refusal == 0 ? LoadEvent.Accepted : LoadEvent.Refused);
            case State.Reset:
                return Settle(LoadEvent.Refused);
            default:
                return Close();
        }
    }

    private LoadEvent Send(State next, ReadOnlySequence<byte> bytes, int replies = 1)
    {
        Await(next, replies, bytes);
        return LoadEvent.Send;
    }

    private void Await(State next, int replies, ReadOnlySequence<byte> bytes)
    {
        _state = next;
        _awaited = replies;
        Outgoing = bytes;
    }

    private LoadEvent Settle(LoadEvent result)
    {
        _state = State.Ready;
        return result;
    }

    private LoadEvent Close()
    {
        _state = State.Closed;
        return LoadEvent.Closed;
    }
}
