using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>
/// BDAT (RFC 3030): a chunk of the content follows the command at once, so that its octets must be taken or dropped exactly, whatever
/// the answer is.
/// </summary>
internal sealed class ChunkStep : CommandStep
{
    // A client that chops a message into such pieces wants something else than to send it.
    private const long TinyChunk = 32;

    /// <inheritdoc/>
    public override bool TryBegin(ServerDialogue dialogue, in Command command, out ValueTask<SmtpReply> answer)
    {
        answer = default;
        if (!TryParse(dialogue, in command, out ChunkArgument chunk))
            return false;
        if (chunk is { Octets: < TinyChunk, IsLast: false } && dialogue.IsJunkLimitPassed())
            return false;
        dialogue.PendingChunk = chunk;
        if (dialogue.State == DialogueState.Recipients)
            answer = dialogue.Handler.OnDataAsync(dialogue.Session, dialogue.Transaction!, CancellationToken.None);
        return true;
    }

    /// <inheritdoc/>
    public override void Finish(ServerDialogue dialogue, in SmtpReply answer)
    {
        ChunkArgument chunk = dialogue.PendingChunk;
        if (answer.Code >= 400)
        {
            int replies = dialogue.CountReplies(chunk.IsLast);
            dialogue.EndTransaction();
            dialogue.DropChunk(chunk.Octets, answer, replies);
            return;
        }

        if (dialogue.State == DialogueState.Recipients)
        {
            int replies = dialogue.CountReplies(chunk.IsLast);
            if (!dialogue.TryBeginContent(out ContentWriter? writer, out SmtpReply failure))
            {
                dialogue.DropChunk(chunk.Octets, failure, replies);
                return;
            }

            dialogue.Intake.BeginChunks(writer, isBinary: dialogue.Transaction!.Body == BodyType.BinaryMime);
            dialogue.State = DialogueState.Chunks;
        }

        dialogue.Intake.ExpectChunk(chunk.Octets, chunk.IsLast);
    }

    /// <inheritdoc/>
    public override void Refuse(ServerDialogue dialogue, in Command command, Canned verdict)
    {
        if (TryParse(dialogue, in command, out ChunkArgument chunk))
            dialogue.DropChunk(chunk.Octets, verdict, dialogue.CountReplies(chunk.IsLast));
    }

    // Without a size nobody knows where the next command starts, so that the session cannot go on.
    private static bool TryParse(ServerDialogue dialogue, in Command command, out ChunkArgument chunk)
    {
        if (ChunkArgument.TryParse(command.Argument, out chunk))
            return true;
        dialogue.Close(SessionEndReason.OutOfStep, Canned.BadChunkSize);
        return false;
    }
}
