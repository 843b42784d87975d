using SlimtaFast.Mail;

namespace SlimtaFast.Protocol.Data;

/// <summary>
/// Receives one message's content, by DATA or by chunks, into a <see cref="ContentWriter"/>. A content that cannot be taken is read to its true end all the
/// same, but thrown away, because what follows in the stream is known only from there. One for each session, used for one message after
/// the other. Not thread-safe.
/// </summary>
internal sealed class ContentIntake
{
    private readonly SmtpServerOptions _options;
    private readonly long _limit;
    private ContentWriter? _writer;
    private DotDecoder _dots;
    private LineScanner _chunkLines;
    private ContentProblem _problem;
    private bool _byDots;
    private bool _isBinary;
    private bool _dotsEnded;
    private long _chunkLeft;
    private long _length;
    private long _discarded;

    /// <summary>Prepares an intake that waits for its first message.</summary>
    public ContentIntake(SmtpServerOptions options)
    {
        _options = options;
        _limit = options.MaxMessageSize > 0 ? options.MaxMessageSize : long.MaxValue;
    }

    /// <summary>True while DATA or a chunk is being received, until <see cref="EndPart"/>.</summary>
    public bool IsReceiving { get; private set; }

    /// <summary>True where the current DATA or chunk has been received whole.</summary>
    public bool IsPartComplete => _byDots ? _dotsEnded : _chunkLeft == 0;

    /// <summary>True where the current part came by DATA, whose end an attacker may have forged.</summary>
    public bool IsByDots => _byDots;

    /// <summary>True where the current part is the message's last one.</summary>
    public bool IsLastPart { get; private set; }

    /// <summary>Octets of the current chunk as announced.</summary>
    public long ChunkLength { get; private set; }

    /// <summary>Octets that the last <see cref="TakeAsync"/> took from the input.</summary>
    public int Taken { get; private set; }

    /// <summary>True where more was thrown away than the client may make us read.</summary>
    public bool IsOverrun => _discarded > _options.MaxDiscard || (_problem != ContentProblem.None && _discarded + _chunkLeft > _options.MaxDiscard);

    /// <summary>What the writer threw, where <see cref="Problem"/> is <see cref="ContentProblem.WriterFailed"/>.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Why the content so far cannot be taken.</summary>
    public ContentProblem Problem => _problem;

    /// <summary>Starts a message that comes by DATA.</summary>
    public void BeginData(ContentWriter writer)
    {
        Reset(writer);
        _byDots = true;
        IsLastPart = true;
        IsReceiving = true;
    }

    /// <summary>Starts a message that comes in chunks, of which none has come yet.</summary>
    /// <param name="writer">Takes the content.</param>
    /// <param name="isBinary">True for BODY=BINARYMIME, which need not be lines and may hold any octet (RFC 3030 section 3).</param>
    public void BeginChunks(ContentWriter writer, bool isBinary)
    {
        Reset(writer);
        _isBinary = isBinary;
    }

    /// <summary>Expects a chunk of the message that <see cref="BeginChunks"/> started.</summary>
    public void ExpectChunk(long octets, bool isLast)
    {
        ChunkLength = _chunkLeft = octets;
        IsLastPart = isLast;
        IsReceiving = true;
        if (octets > _limit - _length)
            Refuse(ContentProblem.TooBig);
    }

    /// <summary>Drops a chunk that belongs to no message, to keep in step with the client.</summary>
    public void DropChunk(long octets)
    {
        Abandon();
        _problem = ContentProblem.Refused;
        ChunkLength = _chunkLeft = octets;
        IsReceiving = true;
    }

    /// <summary>
    /// Takes as much as it can in one step from the front of <paramref name="input"/>, at least one octet, and tells by
    /// <see cref="Taken"/> how much. The octets must stay in place until the task ends. What the writer throws comes out of the task;
    /// report it to <see cref="Fail"/>.
    /// </summary>
    public ValueTask TakeAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> piece;
        ContentTraits traits;
        if (_byDots)
        {
            DotSlice slice = _dots.Decode(input.Span);
            Taken = slice.Consumed;
            _dotsEnded = slice.Ended;
            piece = input.Slice(slice.Start, slice.Length);
            traits = _dots.Traits;
        }
        else
        {
            piece = input[..(int)Math.Min(input.Length, _chunkLeft)];
            Taken = piece.Length;
            _chunkLeft -= piece.Length;
            if (_problem != ContentProblem.Refused)
                _chunkLines.Scan(piece.Span);
            traits = _chunkLines.Traits;
        }

        Judge(traits);
        _length += piece.Length;
        if (_length > _limit)
            Refuse(ContentProblem.TooBig);
        if (_problem != ContentProblem.None)
        {
            _discarded += Taken;
            return ValueTask.CompletedTask;
        }

        return piece.IsEmpty ? ValueTask.CompletedTask : WriteAsync(piece, cancellationToken);
    }

    /// <summary>Notes that the writer failed: the rest is thrown away.</summary>
    public void Fail(Exception failure)
    {
        Failure = failure;
        Refuse(ContentProblem.WriterFailed);
    }

    /// <summary>The current part has been answered for; between chunks the message stays open.</summary>
    public void EndPart() => IsReceiving = false;

    /// <summary>
    /// Ends an acceptable message and hands over its content. What the writer throws comes out of the task; report it to <see cref="Fail"/>.
    /// </summary>
    public ValueTask<MessageContent> CompleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _writer!.CompleteAsync(FinishTraits(), cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<MessageContent>(exception);
        }
    }

    /// <summary>Looks at the end of a message that has no problem so far; true where it still has none.</summary>
    public bool IsAcceptable()
    {
        Judge(FinishTraits());
        return _problem == ContentProblem.None;
    }

    /// <summary>Frees what was written of a message that is given up, or of one that was handed over.</summary>
    public void Abandon() => Reset(null);

    // A writer may throw at once or later; it shows in the same place.
    private ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        try
        {
            return _writer!.WriteAsync(piece, cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    private ContentTraits FinishTraits() => _byDots ? _dots.Finish() : _chunkLines.Finish();

    private void Judge(ContentTraits traits)
    {
        if (_isBinary)
            return;
        if ((traits & ContentTraits.BareLineEnd) != 0)
            Refuse(ContentProblem.BareLineEnd);
        if ((traits & ContentTraits.Nul) != 0 && !_options.AllowNul)
            Refuse(ContentProblem.Nul);
        if ((traits & ContentTraits.LongLine) != 0 && _options.RefuseLongLines)
            Refuse(ContentProblem.LongLine);
    }

    private void Refuse(ContentProblem problem)
    {
        if (problem > _problem)
            _problem = problem;
        _writer?.Dispose();
        _writer = null;
    }

    private void Reset(ContentWriter? writer)
    {
        // Disposing a writer that was completed does nothing.
        _writer?.Dispose();
        _writer = writer;
        _dots = default;
        _chunkLines = default;
        _problem = ContentProblem.None;
        Failure = null;
        _byDots = _isBinary = _dotsEnded = false;
        IsReceiving = IsLastPart = false;
        ChunkLength = _chunkLeft = _length = _discarded = 0;
    }
}
