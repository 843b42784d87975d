using SlimtaFast.Mail;

namespace SlimtaFast.Edge;

/// <summary>A complete message on its way to the queue. Not thread-safe.</summary>
public sealed class HookMessage
{
    internal HookMessage(Envelope envelope) => Envelope = envelope;

    /// <summary>
    /// The envelope, which a hook may replace by a changed copy: other recipients, another reverse-path, header fields in front. Its id and
    /// its content stay (<see cref="ArgumentException"/> otherwise), and it needs a recipient.
    /// </summary>
    public Envelope Envelope
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (field is not null && (value.Id != field.Id || !ReferenceEquals(value.Content, field.Content)))
                throw new ArgumentException("A hook cannot replace a message's id or content.", nameof(value));
            if (value.Recipients.Count == 0)
                throw new ArgumentException("A message needs a recipient; to make it vanish, call Discard.", nameof(value));
            field = value;
        }
    }

    /// <summary>True once a hook has said so.</summary>
    internal bool IsDiscarded { get; private set; }

    /// <summary>
    /// Keeps the message from the queue although the client is told that it was accepted, unless a hook refuses it: nobody will get it, and
    /// nobody is told.
    /// </summary>
    public void Discard() => IsDiscarded = true;
}
