using System.Diagnostics.CodeAnalysis;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>How contents begin and end, and what their ends are answered.</summary>
internal sealed partial class ServerDialogue
{
    private Canned _afterDrop;
    private int _repliesAfterDrop;
    private SmtpReply _answerAfterDrop;

    /// <summary>
    /// How many replies the end of the content is owed: under LMTP one for each accepted recipient (RFC 2033 sections 4.2 and 4.3), none at
    /// all where there is none; otherwise one.
    /// </summary>
    public int CountReplies(bool isLastPart) => Options.Lmtp && isLastPart ? Transaction?.Recipients.Count ?? 0 : 1;

    /// <summary>Makes the writer of the transaction's content; where that fails, the transaction is over.</summary>
    public bool TryBeginContent([NotNullWhen(true)] out ContentWriter? writer, out SmtpReply failure)
    {
        failure = default;
        try
        {
            writer = Handler.BeginContent(Session, Transaction!);
            return true;
        }
        catch (Exception exception)
        {
            writer = null;
            failure = Handler.OnContentFailed(Session, exception);
            EndTransaction();
            return false;
        }
    }

    /// <summary>Drops a chunk's octets and answers then, so many times.</summary>
    public void DropChunk(long octets, Canned reply, int replies)
    {
        Intake.DropChunk(octets);
        _repliesAfterDrop = replies;
        _afterDrop = reply;
        _answerAfterDrop = default;
    }

    /// <summary>Drops a chunk's octets and answers then, so many times.</summary>
    public void DropChunk(long octets, in SmtpReply reply, int replies)
    {
        Intake.DropChunk(octets);
        _repliesAfterDrop = replies;
        _afterDrop = Canned.None;
        _answerAfterDrop = reply;
    }

    /// <summary>Answers a chunk that was dropped.</summary>
    public void FinishDrop()
    {
        Intake.Abandon();
        for (int i = 0; i < _repliesAfterDrop; i++)
            ReplyOr(in _answerAfterDrop, _afterDrop);
    }

    /// <summary>Answers a message that was read to its end and cannot be taken.</summary>
    public void RefuseContent()
    {
        int replies = CountReplies(Intake.IsLastPart);
        switch (Intake.Problem)
        {
            case ContentProblem.TooBig:
                ReplyTimes(replies, Canned.TooBig);
                break;
            case ContentProblem.Nul:
                ReplyTimes(replies, Canned.NulInContent);
                break;
            case ContentProblem.LongLine:
                ReplyTimes(replies, Canned.LongLine);
                break;
            case ContentProblem.BareLineEnd when Intake.IsByDots:
                // Somebody may have hoped that another server takes part of this for commands.
                ReplyTimes(replies - 1, Canned.BareLineEnd);
                Close(SessionEndReason.BadLineEnd, Canned.BareLineEnd);
                break;
            case ContentProblem.BareLineEnd:
                ReplyTimes(replies, Canned.BareLineEnd);
                break;
            default:
                SmtpReply answer = Handler.OnContentFailed(Session, Intake.Failure!);
                for (int i = 0; i < replies; i++)
                    ReplyOr(in answer, Canned.ContentFailed);
                break;
        }

        Replies.NoteMessageReply();
        EndTransaction();
    }

    /// <summary>Answers a message that the handler has judged: once, or under LMTP once for each recipient in their order.</summary>
    public void FinishMessage(in SmtpReply answer)
    {
        int replies = CountReplies(isLastPart: true);
        IReadOnlyList<SmtpReply>? each = Options.Lmtp ? Transaction!.PerRecipientReplies : null;
        ForgetTransaction();
        _junk = 0;
        if (replies == 1)
            ReplyOr(each is [SmtpReply first, ..] ? first : answer, Canned.MessageOk);
        else
            ReplyToEach(replies, each ?? [], in answer);
        Replies.NoteMessageReply();
    }

    // Whatever ends the session ends it behind the last of them: to a client, a recipient without an answer has to be sent to again.
    private void ReplyToEach(int replies, IReadOnlyList<SmtpReply> each, in SmtpReply other)
    {
        bool isOneTooMany = false, closes = false;
        for (int i = 0; i < replies; i++)
        {
            SmtpReply reply = i < each.Count ? each[i] : other;
            if (reply.IsNone)
                Replies.Write(Canned.MessageOk);
            else
                Replies.Write(in reply);
            isOneTooMany |= reply.Code >= 500 && IsRefusalLimitPassed();
            closes |= reply.Closes;
        }

        if (isOneTooMany)
            Close(SessionEndReason.TooManyErrors, Canned.TooManyErrors);
        else if (closes)
            End = SessionEndReason.Refused;
    }

    private void ReplyTimes(int times, Canned reply)
    {
        for (int i = 0; i < times && End is null; i++)
            Reply(reply);
    }
}
