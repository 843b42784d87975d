using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>Turns the end of a run into an outcome. Pure and thread-safe.</summary>
internal sealed class RunJudge
{
    private const int PermanentCode = 550;
    private const int TransientCode = 450;

    private readonly string _name;
    private readonly ExitMeanings _meanings;
    private readonly RunResult _delivered;

    /// <summary>Makes a judge.</summary>
    /// <param name="name">The program's name in replies.</param>
    /// <param name="options">Which exit codes mean what.</param>
    /// <param name="isFinal">Whether the program puts the message into the mailbox.</param>
    public RunJudge(string name, PipeProcessOptions options, bool isFinal)
    {
        _name = name;
        _meanings = new ExitMeanings(options);
        SmtpReply reply = SmtpReply.FromForeignText(250, new EnhancedStatus(2, 0, 0), $"Delivered to {name}");
        _delivered = new RunResult(new RecipientOutcome(OutcomeKind.Delivered, reply, IsFinal: isFinal));
    }

    /// <summary>A message for which the program cannot be run, as an address would be taken for something else.</summary>
    public RunResult Refused { get; } = new(new RecipientOutcome(
        OutcomeKind.Permanent, new SmtpReply(553, "5.1.3", "The address cannot be given to a program: it begins with a hyphen, or leads out of a folder")));

    /// <summary>A message that has been at this recipient before.</summary>
    public RunResult Loop { get; } = new(new RecipientOutcome(
        OutcomeKind.Permanent, new SmtpReply(554, "5.4.6", "The message has been delivered to this address before: it is looping")));

    /// <summary>A recipient whose turn did not come before the attempt was cancelled.</summary>
    public RunResult NotRun { get; } = new(new RecipientOutcome(OutcomeKind.Transient, new SmtpReply(450, "4.3.2", "The server stopped before this recipient's turn")));

    /// <summary>A message that could not be made ready for the program.</summary>
    public static RunResult NotStaged(IOException problem) =>
        new(Outcome(OutcomeKind.Transient, new EnhancedStatus(4, 3, 0), $"The message could not be made ready: {problem.Message}"));

    /// <summary>
    /// A program that is not there, or could not be started: it is as a host that is down. Only where the arguments are to blame is it the
    /// message's own attempt.
    /// </summary>
    /// <param name="error">The system's error number.</param>
    public RunResult NotStarted(int error)
    {
        string why = error switch
        {
            Libc.NoSuchFile or Libc.NoFolder => "it, or the folder that it should run in, is not there",
            Libc.AccessDenied or Libc.NotExecutable or Libc.NotPermitted => "it cannot be executed",
            Libc.AgainLater or Libc.NoMemory or Libc.TooManyFiles or Libc.TooManyOwnFiles => "the machine is short of memory, processes or open files",
            _ => string.Create(CultureInfo.InvariantCulture, $"error {error}"),
        };
        bool isDown = error is Libc.NoSuchFile or Libc.NoFolder or Libc.AccessDenied or Libc.NotExecutable or Libc.NotPermitted or Libc.TextBusy
            or Libc.AgainLater or Libc.NoMemory or Libc.TooManyFiles or Libc.TooManyOwnFiles;
        RecipientOutcome outcome = Outcome(OutcomeKind.Transient, new EnhancedStatus(4, 3, 5), $"{_name} could not be started: {why}");
        return new RunResult(outcome, isDown ? HopCondition.Down : HopCondition.Up, EndsAttempt: isDown);
    }

    /// <summary>A program that ran.</summary>
    public RunResult Judge(RunEnd end, ChildExit exit, ReadOnlySpan<byte> output, ReadOnlySpan<byte> error)
    {
        // What it says when we end it is not its verdict, not even 0: a program may exit so when it is told to stop.
        if (end == RunEnd.TimedOut)
        {
            return new RunResult(
                Outcome(OutcomeKind.Transient, new EnhancedStatus(4, 4, 2), $"{_name} did not end in time"), HopCondition.Busy, PossiblyDelivered: true, EndsAttempt: true);
        }

        if (end == RunEnd.Stopped)
            return new RunResult(Outcome(OutcomeKind.Transient, new EnhancedStatus(4, 3, 2), $"The server stopped, and {_name} with it"), PossiblyDelivered: true, EndsAttempt: true);
        if (exit.Code == 0)
            return _delivered;
        ProgramOutput said = ProgramOutput.Read(output, error);
        if (exit.Code < 0)
        {
            string how = exit.Signal == 0 ? "ended, nobody knows how" : string.Create(CultureInfo.InvariantCulture, $"was ended by signal {exit.Signal}");
            string text = said.Text.Length == 0 ? $"{_name} {how}" : $"{_name} {how}: {said.Text}";
            return new RunResult(Outcome(OutcomeKind.Transient, new EnhancedStatus(4, 3, 0), text), PossiblyDelivered: true);
        }

        ExitMeaning meaning = _meanings[exit.Code];
        OutcomeKind kind = said.Status.IsNone ? meaning.Kind : said.Status.Class == 5 ? OutcomeKind.Permanent : OutcomeKind.Transient;
        EnhancedStatus status = said.Status.IsNone ? meaning.Status : said.Status;
        return new RunResult(Outcome(kind, status, $"{_name}: {(said.Text.Length == 0 ? meaning.Text : said.Text)}"));
    }

    private static RecipientOutcome Outcome(OutcomeKind kind, EnhancedStatus status, string text) =>
        new(kind, SmtpReply.FromForeignText(kind == OutcomeKind.Permanent ? PermanentCode : TransientCode, status, text));
}
