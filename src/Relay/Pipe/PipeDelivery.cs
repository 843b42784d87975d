using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// Runs a program for the recipients of an attempt, one after the other. An outcome that was reached stays, whatever happens to the next. The
/// work is done on the thread pool, because starting a program blocks until it was executed. Thread-safe.
/// </summary>
internal sealed class PipeDelivery : IAsyncDisposable
{
    private readonly PipeCommand _command;
    private readonly PipeProcessOptions _options;
    private readonly bool _addReturnPath;
    private readonly ProgramRunner _runner;
    private readonly RunJudge _judge;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _processes;
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Makes a delivery.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="name">The program's name in replies.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="isMailbox">Whether it is known to put messages into mailboxes.</param>
    /// <param name="time">The clock of time limits; null for the system's.</param>
    /// <param name="logger">Told of faults; null for nowhere.</param>
    public PipeDelivery(PipeCommand command, string name, PipeProcessOptions options, bool isMailbox, TimeProvider? time, ILogger? logger)
    {
        options.Validate();
        _command = command;
        _options = options;
        _addReturnPath = options.AddReturnPath ?? isMailbox;
        _judge = new RunJudge(name, options, options.IsFinal ?? isMailbox);
        _logger = logger ?? NullLogger.Instance;
        _processes = new SemaphoreSlim(options.MaxProcesses);
        _runner = new ProgramRunner(command, options, _judge, time ?? TimeProvider.System);
        Hop = $"pipe:{command.Program}";
    }

    /// <summary>The one hop for all domains.</summary>
    public string Hop { get; }

    /// <summary>Processes at once.</summary>
    public int MaxProcesses => _options.MaxProcesses;

    /// <summary>
    /// Runs the program. Throws only where the attempt was cancelled before it ran at all; later it is ended, and what was reached is told.
    /// </summary>
    public ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(attempt.Recipients);
        return new ValueTask<DeliveryReport>(Task.Run(() => AttemptAllAsync(envelope, attempt.Recipients, cancellationToken), cancellationToken));
    }

    /// <summary>Ends programs that still run, and waits for their end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        for (int i = 0; i < _options.MaxProcesses; i++)
            await _processes.WaitAsync();
        _runner.Dispose();
    }

    private async Task<DeliveryReport> AttemptAllAsync(Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        using var message = new MessageStage(envelope, _options, _addReturnPath);
        var outcomes = new RecipientOutcome[recipients.Count];
        var hop = HopCondition.Up;
        bool possiblyDelivered = false;
        int most = _command.NamesRecipient || _options.RecipientsPerProcess == 1 ? _options.RecipientsPerProcess : recipients.Count;
        for (int first = 0; first < recipients.Count;)
        {
            int count = CountTogether(envelope, recipients, first, Math.Min(most, recipients.Count - first));
            RunResult result = await RunAsync(message, envelope, recipients, first, count, cancel.Token);
            // A program that is not there from the second recipient on was there before.
            hop = result.Hop == HopCondition.Down && first > 0 ? HopCondition.Up : result.Hop > hop ? result.Hop : hop;
            possiblyDelivered |= result.PossiblyDelivered;
            int end = result.EndsAttempt ? recipients.Count : first + count;
            RecipientOutcome outcome = result.Outcome;
            for (; first < end; first++)
                outcomes[first] = outcome;
        }

        return new DeliveryReport(outcomes, hop, possiblyDelivered);
    }

    // Whom the program can be run for at once: an address that cannot be given to it must not take others with it.
    private int CountTogether(Envelope envelope, IReadOnlyList<Recipient> recipients, int first, int most)
    {
        if (!_command.NamesRecipient)
            return most;
        int count = 1;
        while (count < most && _runner.Expand(envelope, recipients, first, 1) is not null && _runner.Expand(envelope, recipients, first + count, 1) is not null)
            count++;
        return count;
    }

    private async ValueTask<RunResult> RunAsync(
        MessageStage message, Envelope envelope, IReadOnlyList<Recipient> recipients, int first, int count, CancellationToken cancellationToken)
    {
        try
        {
            await _processes.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (first > 0)
        {
            return _judge.NotRun with { EndsAttempt = true };
        }

        try
        {
            ArgumentBlock? arguments = _runner.Expand(envelope, recipients, first, count);
            if (arguments is null)
                return _judge.Refused;
            if (_options.AddDeliveredTo && await message.WasDeliveredAsync(recipients[first].Address, cancellationToken))
                return _judge.Loop;
            return await _runner.RunAsync(arguments, await message.PrepareAsync(recipients[first].Address, cancellationToken), cancellationToken);
        }
        catch (IOException problem)
        {
            PipeLog.NotReady(_logger, envelope.Id, problem);
            return RunJudge.NotStaged(problem);
        }
        catch (OperationCanceledException) when (first > 0)
        {
            return _judge.NotRun with { EndsAttempt = true };
        }
        catch (Exception fault) when (fault is not OperationCanceledException and not OutOfMemoryException)
        {
            // Whatever it is, it must not take the earlier recipients' outcomes with it.
            return new RunResult(RelayFault.Report(_logger, fault, envelope, recipients: 1).Outcomes[0], PossiblyDelivered: true);
        }
        finally
        {
            _processes.Release();
        }
    }
}
