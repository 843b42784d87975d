using SlimtaFast.Mail;

namespace SlimtaFast.Queue;

/// <summary>
/// A message on its way into the queue, as policies see and change it. Used by one policy at a time; nobody keeps it.
/// </summary>
public sealed class IncomingMessage
{
    private readonly Intake.HeaderBlock _added = new();

    internal IncomingMessage(Envelope envelope, HeaderFacts headers)
    {
        Envelope = envelope;
        Headers = headers;
    }

    /// <summary>The message as it stands after the policies so far, without the fields that they added.</summary>
    public Envelope Envelope { get; private set; }

    /// <summary>What is known of the header section, as received.</summary>
    public HeaderFacts Headers { get; }

    internal IReadOnlyList<Envelope>? Parts { get; private set; }

    internal SmtpReply Refusal { get; private set; }

    /// <summary>Puts header fields in front of the message, and of those added before.</summary>
    /// <param name="fields">Complete lines, each ended by CRLF; copied.</param>
    public void PrependFields(ReadOnlySpan<byte> fields)
    {
        if (!fields.EndsWith("\r\n"u8))
            throw new ArgumentException("A header field must end with CRLF.", nameof(fields));
        _added.Prepend(fields);
    }

    /// <summary>Goes on with a changed envelope, which must keep the content.</summary>
    public void Replace(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        CheckContent(envelope);
        Envelope = envelope;
    }

    /// <summary>Goes on with several envelopes in place of this one; they share its content and the fields added so far. The queue gives
    /// all but the first new ids where they have the same.</summary>
    public void Split(IReadOnlyList<Envelope> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count, nameof(parts));
        foreach (Envelope part in parts)
            CheckContent(part);
        Parts = parts;
    }

    /// <summary>Refuses the whole message with that reply, 4xx or 5xx; no further policy runs.</summary>
    public void Refuse(SmtpReply reply)
    {
        if (!reply.IsTransient && !reply.IsPermanent)
            throw new ArgumentException("Only a 4xx or 5xx reply refuses a message.", nameof(reply));
        Refusal = reply;
    }

    // A message that starts with no field is all body (RFC 5322 section 2.1). Its first line must not become the continuation of our
    // last field, nor be lost between fields and body.
    private bool HasNoFields => Headers is { SectionLength: 0, End: HeaderEnd.OtherLine };

    /// <summary>The envelope with the added fields in one array of exactly their size.</summary>
    internal Envelope Finish()
    {
        ReadOnlyMemory<byte> fields = _added.Finish(Envelope.AddedHeaders.Span, HasNoFields);
        return fields.IsEmpty ? Envelope : Envelope with { AddedHeaders = fields };
    }

    /// <summary>A part of this message, with what was added so far.</summary>
    internal IncomingMessage MakePart(Envelope envelope)
    {
        var part = new IncomingMessage(envelope, Headers);
        part._added.Prepend(_added.Fields);
        return part;
    }

    /// <summary>Gives pooled memory back.</summary>
    internal void Free() => _added.Free();

    private void CheckContent(Envelope envelope)
    {
        if (!ReferenceEquals(envelope.Content, Envelope.Content))
            throw new ArgumentException("A policy may not exchange the content.", nameof(envelope));
    }
}
