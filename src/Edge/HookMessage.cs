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
                throw new ArgumentException("A message needs a recipient; to make it vanish, answer positively.", nameof(value));
            field = value;
        }
    }
}
