using System.Globalization;
using System.Text;

namespace SlimtaFast.Server.Logging;

/// <summary>
/// Takes finished log lines from any thread and writes them from one background thread, many at once, so that a line costs its sender a
/// copy and no system call. The memory is bounded: when the output cannot keep up, further lines are dropped and counted, and the count
/// is written as a line of its own. Warnings and worse have a reserve that lesser lines cannot fill. Lines reach the output within about
/// 20 milliseconds, warnings at once; disposing writes what is left. Thread-safe.
/// </summary>
internal sealed class LogSink : IDisposable
{
    // Lines wait this long for company: at full speed that is one write for hundreds of lines.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly Stream _output;
    private readonly int _capacity;
    private readonly int _reserve;
    private readonly Thread _writer;
    private readonly AutoResetEvent _arrived = new(false);
    private readonly ManualResetEventSlim _urgent = new(false);
    private byte[] _filling;
    private byte[] _writing;
    private int _filled;
    private long _dropped;
    private bool _stopping;

    /// <summary>Starts the writer.</summary>
    /// <param name="output">Where lines go; disposed with the sink only by its owner.</param>
    /// <param name="capacity">Octets that may wait; a quarter more is the reserve for warnings.</param>
    public LogSink(Stream output, int capacity = 1024 * 1024)
    {
        _output = output;
        _capacity = capacity;
        _reserve = capacity / 4;
        _filling = new byte[capacity + _reserve];
        _writing = new byte[capacity + _reserve];
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "log writer" };
        _writer.Start();
    }

    /// <summary>Lines dropped so far because the output was too slow.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Hands a line over, line end included; copies it.</summary>
    /// <param name="line">The bytes.</param>
    /// <param name="urgent">True for warnings and worse.</param>
    public void Write(ReadOnlySpan<byte> line, bool urgent)
    {
        bool first;
        lock (_lock)
        {
            if (_stopping || _filled + line.Length > _capacity + (urgent ? _reserve : 0))
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            first = _filled == 0;
            line.CopyTo(_filling.AsSpan(_filled));
            _filled += line.Length;
        }

        if (first)
            _arrived.Set();
        if (urgent)
            _urgent.Set();
    }

    /// <summary>Writes what is left and ends the thread.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopping)
                return;
            _stopping = true;
        }

        _urgent.Set();
        _arrived.Set();
        _writer.Join();
        _arrived.Dispose();
        _urgent.Dispose();
    }

    private void WriteLoop()
    {
        long told = 0;
        bool stopping = false;
        while (!stopping)
        {
            _arrived.WaitOne();
            _urgent.Wait(Gather);
            int count;
            lock (_lock)
            {
                stopping = _stopping;
                if (!stopping)
                    _urgent.Reset();
                (_filling, _writing) = (_writing, _filling);
                count = _filled;
                _filled = 0;
            }

            TryOutput(_writing.AsSpan(0, count));
            long dropped = Dropped;
            if (dropped != told)
            {
                TryOutput(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{dropped - told} log lines dropped: the output is too slow\n")));
                told = dropped;
            }
        }
    }

    private void TryOutput(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _output.Write(bytes);
            _output.Flush();
        }
        catch (IOException)
        {
            // A log whose reader has gone must not stop the mail; there is no other place to say so.
            Interlocked.Increment(ref _dropped);
        }
    }
}
