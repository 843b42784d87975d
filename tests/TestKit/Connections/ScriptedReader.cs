using System.Buffers;
using System.IO.Pipelines;

namespace SlimtaFast.TestKit.Connections;

/// <summary>Plays a script of pieces as a pull reader does: a piece shows when everything before it was examined and more is asked for.</summary>
public sealed class ScriptedReader : PipeReader
{
    private readonly List<int> _ends = [];
    private readonly ScriptEnd _atEnd;
    private readonly bool _inSegments;
    private byte[] _script;
    private int _shown;
    private int _consumed;
    private int _examined;
    private int _next;
    private ReadOnlySequence<byte> _last;
    private bool _isCancelled;
    private bool _isRead;
    private TaskCompletionSource<ReadResult>? _waiting;

    /// <summary>Plays <paramref name="pieces"/>, each as one segment or all of what is unused in one segment.</summary>
    public ScriptedReader(IReadOnlyList<byte[]> pieces, ScriptEnd atEnd, bool inSegments)
    {
        _script = pieces.SelectMany(piece => piece).ToArray();
        _atEnd = atEnd;
        _inSegments = inSegments;
        int end = 0;
        foreach (byte[] piece in pieces)
            _ends.Add(end += piece.Length);
    }

    /// <summary>Octets that nobody took.</summary>
    public int Unused => _script.Length - _consumed;

    /// <summary>How many reads were made.</summary>
    public int Reads { get; private set; }

    /// <summary>Adds a piece to the script; a pending read sees it.</summary>
    public void Feed(byte[] piece)
    {
        _script = [.. _script, .. piece];
        _ends.Add(_script.Length);
        if (_waiting is not { } waiting)
            return;
        _waiting = null;
        _shown = _ends[_next++];
        waiting.SetResult(Result());
    }

    /// <summary>Starts the script again, for measuring.</summary>
    public void Rewind() => _shown = _consumed = _examined = _next = 0;

    /// <inheritdoc/>
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_isRead)
            throw new InvalidOperationException("The last result was not given back.");
        Reads++;
        if (_isCancelled || _shown > _examined)
            return new ValueTask<ReadResult>(Result());
        if (_next < _ends.Count)
        {
            _shown = _ends[_next++];
            return new ValueTask<ReadResult>(Result());
        }

        switch (_atEnd)
        {
            case ScriptEnd.Silence:
                throw new TimeoutException();
            case ScriptEnd.Reset:
                throw new IOException("Connection reset by peer.");
            case ScriptEnd.Wait:
                _waiting = new TaskCompletionSource<ReadResult>();
                return new ValueTask<ReadResult>(_waiting.Task);
            default:
                return new ValueTask<ReadResult>(Result());
        }
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (_shown <= _examined)
            return false;
        result = Result();
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isRead)
            throw new InvalidOperationException("Nothing was read.");
        _isRead = false;
        int start = _consumed;
        _consumed = start + (int)_last.Slice(0, consumed).Length;
        _examined = start + (int)_last.Slice(0, examined).Length;
        if (_examined < _consumed || _examined > _shown)
            throw new InvalidOperationException("Consumed or examined what was not shown.");
    }

    /// <inheritdoc/>
    public override void CancelPendingRead()
    {
        _isCancelled = true;
        if (_waiting is not { } waiting)
            return;
        _waiting = null;
        waiting.SetResult(Result());
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
    }

    private ReadResult Result()
    {
        _isRead = true;
        bool isCancelled = _isCancelled;
        _isCancelled = false;
        bool isCompleted = _atEnd == ScriptEnd.Close && _next == _ends.Count && _shown <= _examined;
        _last = _inSegments ? InSegments() : new ReadOnlySequence<byte>(_script, _consumed, _shown - _consumed);
        return new ReadResult(_last, isCancelled, isCompleted);
    }

    private ReadOnlySequence<byte> InSegments()
    {
        Segment? first = null, last = null;
        int start = _consumed;
        // The first piece that ends behind what was consumed.
        int index = _ends.BinarySearch(start + 1);
        for (index = index < 0 ? ~index : index; index < _ends.Count && _ends[index] <= _shown; index++)
        {
            int end = _ends[index];
            var segment = new Segment(_script.AsMemory(start, end - start), start - _consumed);
            first ??= segment;
            last?.Chain(segment);
            last = segment;
            start = end;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public void Chain(Segment next) => Next = next;
    }
}
