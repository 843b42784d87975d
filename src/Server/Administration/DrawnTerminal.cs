using System.Runtime.InteropServices;
using System.Text;

namespace SlimtaFast.Server.Administration;

/// <summary>
/// The terminal while something is drawn on it again and again, on its other screen: until a key says that it is enough, or the caller. Afterwards it is what it was.
/// </summary>
internal sealed class DrawnTerminal : IDisposable
{
    // What is too wide for a line goes nowhere else: how many columns strangers' characters take is the terminal's to know.
    private const string OtherScreen = "\e[?1049h\e[?25l\e[?7l";
    private const string UsualScreen = "\e[?7h\e[?25h\e[?1049l";

    // Reading keys has the runtime ask for those of a keypad by their other codes.
    private const string UsualKeys = "\e[?1l\e>";

    private const string Home = "\e[H";
    private const string EndOfLine = "\e[K\n";
    private const string RestOfScreen = "\e[J";

    private readonly TextWriter _output;
    private readonly CancellationTokenRegistration _stopped;
    private readonly PosixSignalRegistration? _sizes;
    private readonly bool _readsKeys;

    // Never disposed of, since a key or a signal may still come to them; they hold nothing that would have to be.
    private readonly CancellationTokenSource _left = new();
    private readonly SemaphoreSlim _resized = new(0);

    /// <summary>Goes to the other screen.</summary>
    /// <param name="output">Leads to the terminal.</param>
    /// <param name="stop">Ends it as a key does.</param>
    public DrawnTerminal(TextWriter output, CancellationToken stop)
    {
        _output = output;
        _stopped = stop.Register(_left.Cancel);
        if (!OperatingSystem.IsWindows())
            _sizes = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _resized.Release());
        _output.Write(OtherScreen);
        _readsKeys = !Console.IsInputRedirected;

        // It stands in a read that nothing ends but a key, and goes with the process.
        if (_readsKeys)
            new Thread(ReadKeys) { IsBackground = true, Name = "keys" }.Start();
    }

    /// <summary>Fires when nobody looks any more.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>True when nobody looks any more.</summary>
    public bool IsLeft => Left.IsCancellationRequested;

    /// <summary>Its columns at present.</summary>
    public static int Width => Console.WindowWidth;

    /// <summary>Its lines at present that may be drawn on; the cursor waits on the one below.</summary>
    public static int Height => Console.WindowHeight - 1;

    /// <summary>Draws lines over what stands there.</summary>
    public async Task ShowAsync(IReadOnlyList<string> lines)
    {
        var screen = new StringBuilder(Home);
        foreach (string line in lines)
            screen.Append(line).Append(EndOfLine);
        await _output.WriteAsync(screen.Append(RestOfScreen), CancellationToken.None);
        await _output.FlushAsync(CancellationToken.None);
    }

    /// <summary>Waits; false where the same has to be drawn again before that, in another size, or nothing any more.</summary>
    public async Task<bool> WaitAsync(TimeSpan pause)
    {
        try
        {
            return !await _resized.WaitAsync(pause, Left);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Goes back to the usual screen.</summary>
    public void Dispose()
    {
        _stopped.Dispose();
        _sizes?.Dispose();
        _output.Write(_readsKeys ? UsualKeys + UsualScreen : UsualScreen);
        _output.Flush();
    }

    private void ReadKeys()
    {
        while (!IsLeft)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);

            // There is no key where the input has come to its end.
            if (key == default)
                return;
            if (key.KeyChar is 'q' or 'Q')
                _left.Cancel();
        }
    }
}
