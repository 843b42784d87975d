using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace SlimtaFast.TestKit.Connections;

/// <summary>Keeps what is written, flush by flush. Allocates nothing while its buffer has room.</summary>
public sealed class RecordingWriter : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _written = new(64 * 1024);
    private readonly List<int> _flushes = new(1024);

    /// <summary>All that was written, flushed or not.</summary>
    public string Text => Encoding.Latin1.GetString(_written.WrittenSpan);

    /// <summary>How many flushes sent something.</summary>
    public int FlushCount => _flushes.Count;

    /// <summary>What each flush sent.</summary>
    public IReadOnlyList<string> Flushes
    {
        get
        {
            var texts = new List<string>();
            int start = 0;
            foreach (int end in _flushes)
            {
                texts.Add(Encoding.Latin1.GetString(_written.WrittenSpan[start..end]));
                start = end;
            }

            return texts;
        }
    }

    /// <summary>Octets written and not flushed.</summary>
    public int Unsent => _written.WrittenCount - (_flushes.Count == 0 ? 0 : _flushes[^1]);

    /// <summary>What flushing fails with, or null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Forgets everything and keeps the buffer.</summary>
    public void Clear()
    {
        _written.ResetWrittenCount();
        _flushes.Clear();
    }

    /// <inheritdoc/>
    public override void Advance(int bytes) => _written.Advance(bytes);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0) => _written.GetMemory(sizeHint);

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => _written.GetSpan(sizeHint);

    /// <inheritdoc/>
    public override void CancelPendingFlush()
    {
    }

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null)
    {
    }

    /// <inheritdoc/>
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Failure is not null)
            throw Failure;
        if (Unsent > 0)
            _flushes.Add(_written.WrittenCount);
        return new ValueTask<FlushResult>(new FlushResult(false, false));
    }
}
