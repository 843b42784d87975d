using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using SlimtaFast.Protocol.Transport.Pipes;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Tls;

/// <summary>
/// The decrypted input of a connection. It waits on the connection's own reader until a whole record is there and only then lets the
/// decoder run, which then need not wait: an idle or slow connection holds no buffer of the decoder, and the session is woken on the
/// reactor's stack as it is in clear. Holds a buffer only while it has unconsumed octets. Threads: as <see cref="ConnectionReader"/>.
/// </summary>
internal sealed class TlsReader : PipeReader, IValueTaskSource<ReadResult>
{
    // A record's content is at most this long; with less room than that the decoder would keep a rest.
    private const int LongestContent = 16 * 1024;

    private readonly PipeReader _reader;
    private readonly RecordStream _records;
    private readonly SslStream _decoder;
    private readonly Reactor _reactor;
    private readonly Action _onReceived;
    private readonly Action _onDecrypted;
    private Completion _completion;
    private CancellationToken _cancellation;
    private ValueTaskAwaiter<ReadResult> _receiving;
    private ValueTaskAwaiter<int> _decrypting;
    private Exception? _fault;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _isDecrypting;
    private bool _hasRest;
    private bool _unexamined;
    private bool _isEnd;
    private bool _inResult;
    private bool _inRead;
    private bool _completed;
    private Outcome _outcome;

    /// <summary>Reads what the decoder makes of the records that the reader brings.</summary>
    public TlsReader(PipeReader reader, RecordStream records, SslStream decoder, Reactor reactor)
    {
        _reader = reader;
        _records = records;
        _decoder = decoder;
        _reactor = reactor;
        _onReceived = OnReceived;
        _onDecrypted = OnDecrypted;
    }

    /// <summary>True once the decoder has failed: it must not be asked for anything any more.</summary>
    public bool HasFailed { get; private set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        ThrowIfBusy();
        _cancellation = _records.Cancellation = cancellationToken;
        Outcome outcome = Begin(mayWait: true);
        switch (outcome)
        {
            case Outcome.Pending:
                _inRead = true;
                return new ValueTask<ReadResult>(this, _completion.Version);
            case Outcome.Faulted:
                return ValueTask.FromException<ReadResult>(TakeFault());
            default:
                return new ValueTask<ReadResult>(MakeResult(outcome));
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfBusy();
        Outcome outcome = Begin(mayWait: false);
        if (outcome == Outcome.Faulted)
            throw TakeFault();
        result = outcome == Outcome.Pending ? default : MakeResult(outcome);
        return outcome != Outcome.Pending;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _inResult = false;
        if (_buffer is null)
            return;
        int start = consumed.GetInteger(), seen = examined.GetInteger();
        if (!ReferenceEquals(consumed.GetObject(), _buffer) || start < _start || seen < start || seen > _end)
            throw new InvalidOperationException("The position does not belong to the last result.");
        _start = start;
        _unexamined = seen < _end;
        if (_start == _end)
            ReturnBuffer();
    }

    public override void CancelPendingRead() => _reader.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _completed = true;

    /// <summary>Gives the buffer back at the connection's end; one that somebody may still look at is left to the collector.</summary>
    public void Close()
    {
        _completed = true;
        if (_inResult || _isDecrypting || _inRead)
            _buffer = null;
        else
            ReturnBuffer();
    }

    public ReadResult GetResult(short token)
    {
        _completion.End(token);
        _inRead = false;
        return _outcome == Outcome.Faulted ? throw TakeFault() : MakeResult(_outcome);
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        if (!_completion.IsDone(token))
            return ValueTaskSourceStatus.Pending;
        if (_outcome != Outcome.Faulted)
            return ValueTaskSourceStatus.Succeeded;
        return _fault is OperationCanceledException ? ValueTaskSourceStatus.Canceled : ValueTaskSourceStatus.Faulted;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags, _reactor);

    private void ThrowIfBusy()
    {
        if (_inResult | _inRead | _completed)
            throw new InvalidOperationException(_completed ? "The reader is completed." : "A read is in progress already.");
    }

    private ReadResult MakeResult(Outcome outcome)
    {
        bool isCanceled = outcome == Outcome.Canceled;
        _inResult = !isCanceled;
        ReadOnlySequence<byte> bytes = _buffer is null ? default : new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        return new ReadResult(bytes, isCanceled, _isEnd);
    }

    private Exception TakeFault()
    {
        Exception fault = _fault!;
        _fault = null;
        return fault;
    }

    private Outcome Begin(bool mayWait)
    {
        if (_unexamined || _isEnd)
            return Outcome.Ready;
        try
        {
            return Advance(mayWait, isNew: true);
        }
        catch (Exception fault)
        {
            return Judge(fault);
        }
    }

    // As far as it goes without waiting; where it has to wait and may, what it waits for continues it.
    private Outcome Advance(bool mayWait, bool isNew)
    {
        while (true)
        {
            if (_isDecrypting || _hasRest || _records.HasRecord())
            {
#pragma warning disable CA2012 // Awaited by hand, once, here and below: it happens for each record.
                if (!_isDecrypting)
                    _decrypting = _decoder.ReadAsync(GetRoom(), CancellationToken.None).GetAwaiter();
                _isDecrypting = !_decrypting.IsCompleted;
                if (_isDecrypting)
                {
                    // The record held nothing for us, such as a session ticket.
                    if (!mayWait)
                        return Outcome.Pending;
                    if (isNew)
                        _completion.Begin();
                    _decrypting.UnsafeOnCompleted(_onDecrypted);
                    return Outcome.Pending;
                }

                if (TakeDecrypted())
                    return Outcome.Ready;
                continue;
            }

            _records.Release();
            if (!mayWait)
            {
                if (!_reader.TryRead(out ReadResult here))
                    return Outcome.Pending;
                if (here.IsCanceled)
                    return Outcome.Canceled;
                _records.Accept(in here);
                if (_records.HasRecord())
                    continue;
                _records.Release();
                return Outcome.Pending;
            }

            _receiving = _reader.ReadAsync(_cancellation).GetAwaiter();
#pragma warning restore CA2012
            if (!_receiving.IsCompleted)
            {
                if (isNew)
                    _completion.Begin();
                _receiving.UnsafeOnCompleted(_onReceived);
                return Outcome.Pending;
            }

            if (!TakeReceived())
                return Outcome.Canceled;
        }
    }

    // False where the wait was cancelled.
    private bool TakeReceived()
    {
        ReadResult result = _receiving.GetResult();
        if (result.IsCanceled)
            return false;
        _records.Accept(in result);
        return true;
    }

    // True where there is something to show: whole records as long as they fit.
    private bool TakeDecrypted()
    {
        _isDecrypting = false;
        int count = _decrypting.GetResult();
        int room = _buffer!.Length - _end;
        _hasRest = count == room && room < LongestContent;
        _end += count;
        if (count == 0)
        {
            _isEnd = true;
            if (_start == _end)
                ReturnBuffer();
            return true;
        }

        _unexamined = true;
        return _hasRest || _buffer.Length - _end < LongestContent || !_records.HasReceived || !_records.HasRecord();
    }

    private void OnReceived()
    {
        Outcome outcome;
        try
        {
            outcome = TakeReceived() ? Advance(mayWait: true, isNew: false) : Outcome.Canceled;
        }
        catch (Exception fault)
        {
            outcome = Judge(fault);
        }

        if (outcome != Outcome.Pending)
            Finish(outcome);
    }

    private void OnDecrypted()
    {
        Outcome outcome;
        try
        {
            outcome = TakeDecrypted() ? Outcome.Ready : Advance(mayWait: true, isNew: false);
        }
        catch (Exception fault)
        {
            outcome = Judge(fault);
        }

        if (outcome != Outcome.Pending)
            Finish(outcome);
    }

    private void Finish(Outcome outcome)
    {
        _outcome = outcome;
        _completion.Signal(inline: true);
    }

    // The decoder wraps what the connection failed with.
    private Outcome Judge(Exception fault)
    {
        _isDecrypting = false;
        bool wasCanceled = _records.WasCanceled;
        HasFailed |= !wasCanceled && _records.Fault is null && fault is not (TimeoutException or OperationCanceledException);
        fault = _records.Fault ?? fault;
        _fault = fault is IOException or TimeoutException or OperationCanceledException
            ? fault
            : new IOException("The connection failed under TLS.", fault);
        _records.ClearFault();
        if (_start == _end)
            ReturnBuffer();
        return wasCanceled ? Outcome.Canceled : Outcome.Faulted;
    }

    private Memory<byte> GetRoom()
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(LongestContent);
            _start = _end = 0;
        }
        else if (_buffer.Length - _end < LongestContent / 4)
        {
            int rest = _end - _start;
            byte[] target = rest <= _buffer.Length / 2 ? _buffer : ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, rest).CopyTo(target);
            if (!ReferenceEquals(target, _buffer))
            {
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = target;
            }

            _start = 0;
            _end = rest;
        }

        return _buffer.AsMemory(_end);
    }

    private void ReturnBuffer()
    {
        _unexamined = false;
        _start = _end = 0;
        if (_buffer is not { } buffer)
            return;
        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
