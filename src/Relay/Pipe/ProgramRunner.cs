using Microsoft.Win32.SafeHandles;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>Runs the program once: starts it, watches over its time, ends its process group where need be, and has its end judged. Thread-safe.</summary>
internal sealed class ProgramRunner : IDisposable
{
    private readonly PipeCommand _command;
    private readonly PipeProcessOptions _options;
    private readonly RunJudge _judge;
    private readonly TimeProvider _time;
    private readonly AccountSwitch? _account;
    private readonly ChildEnvironment _environment;
    private readonly ChildWatch _watch;

    /// <summary>Makes a runner.</summary>
    /// <exception cref="ArgumentException">An option is impossible.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public ProgramRunner(PipeCommand command, PipeProcessOptions options, RunJudge judge, TimeProvider time)
    {
        _command = command;
        _options = options;
        _judge = judge;
        _time = time;
        _watch = new ChildWatch();
        try
        {
            _account = AccountSwitch.To(options.User, options.Group, out ChildAccount? account);
            _environment = new ChildEnvironment(options.Environment, account);
        }
        catch
        {
            _watch.Dispose();
            throw;
        }
    }

    /// <summary>The arguments for some of the recipients, or null where an address must not be one.</summary>
    public ArgumentBlock? Expand(Envelope envelope, IReadOnlyList<Recipient> recipients, int first, int count)
    {
        var block = new ArgumentBlock();
        foreach (string argument in _account?.Arguments ?? [])
            block.Add(argument);
        for (int i = 0; i < _command.Arguments.Length; i++)
        {
            ArgumentTemplate argument = _command.Arguments[i];
            if (i == 0 && _account is not null)
            {
                // setpriv executes what is found here; searching would be with its own PATH.
                block.Add(ProgramFile.Find(_command.Program, _environment.SearchPath) ?? _command.Program);
                continue;
            }

            bool allowHyphen = _options.AllowLeadingHyphen || i < _command.ValueWords;
            int last = argument.NamesRecipient ? first + count : first + 1;
            for (int r = first; r < last; r++)
            {
                if (!argument.TryExpand(block, envelope, recipients[r], allowHyphen))
                    return null;
            }
        }

        return block;
    }

    /// <summary>Runs the program with a message. Cancelling it ends the program; it never throws for that once the program runs.</summary>
    /// <exception cref="IOException">The message could not be opened.</exception>
    public async ValueTask<RunResult> RunAsync(ArgumentBlock arguments, StagedMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (ProgramFile.Find(_command.Program, _environment.SearchPath) is not { } path)
            return _judge.NotStarted(File.Exists(_command.Program) ? Libc.AccessDenied : Libc.NoSuchFile);
        using SafeFileHandle input = message.OpenReader();
        using var output = new OutputPipe();
        using var error = new OutputPipe();
        int id = Libc.Spawn(
            _account?.Program ?? path,
            arguments,
            _environment.Vector,
            _options.Directory,
            (int)input.DangerousGetHandle(),
            (int)output.ChildSide.DangerousGetHandle(),
            (int)error.ChildSide.DangerousGetHandle());
        GC.KeepAlive(_environment);
        if (id < 0)
            return _judge.NotStarted(-id);
        var child = new ChildProcess(id);
        RunEnd end;
        ChildExit exit;
        try
        {
            output.Begin();
            error.Begin();
            _watch.Add(child);
            (end, exit) = await WaitAsync(child, cancellationToken);
        }
        catch
        {
            // Nobody would watch over it any more.
            child.TryEnd(Libc.Kill);
            throw;
        }

        await output.EndAsync();
        await error.EndAsync();
        return _judge.Judge(end, exit, output.Kept.Octets, error.Kept.Octets);
    }

    /// <inheritdoc/>
    public void Dispose() => _watch.Dispose();

    private async ValueTask<(RunEnd End, ChildExit Exit)> WaitAsync(ChildProcess child, CancellationToken cancellationToken)
    {
        RunEnd end;
        try
        {
            return (RunEnd.Itself, await child.Exit.WaitAsync(_options.Timeout, _time, cancellationToken));
        }
        catch (TimeoutException)
        {
            end = RunEnd.TimedOut;
        }
        catch (OperationCanceledException)
        {
            end = RunEnd.Stopped;
        }

        // It may have come to its own end in this very moment, and then that counts.
        if (!child.TryEnd(Libc.Terminate))
            return (RunEnd.Itself, await child.Exit);
        try
        {
            return (end, await child.Exit.WaitAsync(_options.KillDelay, _time, CancellationToken.None));
        }
        catch (TimeoutException)
        {
            child.TryEnd(Libc.Kill);
        }

        try
        {
            return (end, await child.Exit.WaitAsync(_options.KillDelay, _time, CancellationToken.None));
        }
        catch (TimeoutException)
        {
            // A program of another user, which we may not end, or one that the kernel keeps: nobody waits for it, and it is reaped when it ends.
            return (end, ChildExit.Unknown);
        }
    }
}
