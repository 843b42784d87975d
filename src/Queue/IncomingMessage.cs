using System.Buffers;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Intake;

namespace SlimtaFast.Queue;

/// <summary>
/// A message on its way into the queue, as policies see and change it. Used by one policy at a time; nobody keeps it.
/// </summary>
public sealed class IncomingMessage
{
    private readonly HeaderBlock _added = new();
    private readonly HeaderEditing _editing;

    // What all parts of a message own together is kept by the first, and made with the first edit.
    private readonly IncomingMessage? _whole;
    private EditedContents? _edited;

    internal IncomingMessage(Envelope envelope, HeaderFacts headers, HeaderEditing editing)
        : this(envelope, headers, editing, null)
    {
    }

    private IncomingMessage(Envelope envelope, HeaderFacts headers, HeaderEditing editing, IncomingMessage? whole)
    {
        Envelope = envelope;
        Headers = headers;
        _editing = editing;
        _whole = whole;
    }

    /// <summary>The message as it stands after the policies so far, without the fields that they added.</summary>
    public Envelope Envelope { get; private set; }

    /// <summary>What is known of the header section, as received or as edited since.</summary>
    public HeaderFacts Headers { get; private set; }

    /// <summary>Octets of the message as it stands, added fields included.</summary>
    public long Length => _added.Fields.Length + Envelope.Length;

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

    /// <summary>
    /// Changes or removes fields of the header section, but not those that policies added. Fields that the edit leaves alone, the body
    /// and everything else keep every octet. The body is neither read nor copied. A section of more than 256 KiB refuses the message, and
    /// so does, for now, a server that edits too many at once. Fails with <see cref="IOException"/> where the content cannot be read.
    /// </summary>
    public async ValueTask EditHeadersAsync(IHeaderEdit edit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(edit);
        MessageContent content = Envelope.Content;
        EditedContents mine = (_whole ?? this)._edited ??= new EditedContents(_editing.Budget);
        EditedContent? result;
        bool isTooLong;
        if (content.TryGetMemory(out ReadOnlySequence<byte> bytes))
        {
            result = _editing.Edit(content, bytes, edit, out isTooLong);
        }
        else
        {
            int wanted = (int)Math.Min(content.Length, HeaderEditing.LongestSection + 1);
            if (!mine.TryTake(wanted))
            {
                Refuse(QueueReplies.Full);
                return;
            }

            byte[] buffer = ArrayPool<byte>.Shared.Rent(wanted);
            try
            {
                int read = await ReadStartAsync(content, buffer.AsMemory(0, wanted), cancellationToken);
                result = _editing.Edit(content, new ReadOnlySequence<byte>(buffer, 0, read), edit, out isTooLong);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
                mine.Return(wanted);
            }
        }

        if (isTooLong)
            Refuse(QueueReplies.HeadersTooLong);
        if (result is null)
            return;
        if (!mine.TryAdd(ref result))
        {
            Refuse(QueueReplies.Full);
            return;
        }

        Envelope = Envelope with { Content = result };
        Headers = await HeaderFacts.ScanAsync(result, cancellationToken);
    }

    /// <summary>
    /// The octets of the message as it stands, added fields included, as a read-only stream for asynchronous reading. The caller disposes it
    /// before the policy ends.
    /// </summary>
    public Stream OpenStream()
    {
        ReadOnlyMemory<byte> fields = _added.Copy(Envelope.AddedHeaders.Span, HasNoFields);
        return (fields.IsEmpty ? Envelope : Envelope with { AddedHeaders = fields }).OpenStream();
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
        var part = new IncomingMessage(envelope, Headers, _editing, _whole ?? this);
        part._added.Prepend(_added.Fields);
        return part;
    }

    /// <summary>Hands over the contents that edits made, of this message and its parts; null where there are none.</summary>
    internal EditedContents? TakeEdited()
    {
        EditedContents? edited = _edited;
        _edited = null;
        return edited;
    }

    /// <summary>Gives pooled memory back, and the contents that edits made and nobody took.</summary>
    internal void Free()
    {
        _added.Free();
        TakeEdited()?.Dispose();
    }

    private static async ValueTask<int> ReadStartAsync(MessageContent content, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int read = await content.FillAsync(buffer, cancellationToken);
        return read == buffer.Length ? read : throw new IOException($"Content {content.Id} ended early.");
    }

    private void CheckContent(Envelope envelope)
    {
        if (!ReferenceEquals(envelope.Content, Envelope.Content))
            throw new ArgumentException("A policy may not exchange the content.", nameof(envelope));
    }
}
