using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Data;
using SlimtaFast.Protocol.Proxy;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Session;

/// <summary>What the dialogue's next turn is.</summary>
internal sealed partial class DialogueLoop
{
    // What is to be done now. All that works on spans happens here, because no span lives across an await.
    private Turn NextTurn(out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = null;
        answer = default;
        if (_intake.IsReceiving)
            return NextContentTurn();
        if (_dialogue.Exchange is not null)
            return NextResponseTurn(_dialogue.Exchange, out step, out answer);
        if (_dialogue.State == DialogueState.Start && !_input.IsSkipping && CommandParser.IsTlsRecord(_input.First.Span))
        {
            // Whoever speaks TLS where nobody has asked for it cannot read an answer.
            _dialogue.Leave(SessionEndReason.WrongProtocol);
            return Turn.None;
        }

        if (_dialogue.State == DialogueState.Start && ProxyHeaderParser.StartsVersion2(_input.First.Span))
        {
            _dialogue.Close(SessionEndReason.UntrustedProxy, Canned.WrongProtocol);
            return Turn.None;
        }

        LineStatus status = _input.TakeLine(out ReadOnlySpan<byte> line);
        if (status == LineStatus.Line)
        {
            _wait.NoteLine();
            return Begin(line, out step, out answer);
        }

        switch (status)
        {
            case LineStatus.BareLineFeed:
                _dialogue.Reply(Canned.BareLineEndInCommand);
                return Turn.None;
            case LineStatus.TooLong:
                _dialogue.Reply(Canned.LineTooLong);
                return Turn.None;
            case LineStatus.Endless:
                _dialogue.Close(SessionEndReason.TooLong, Canned.LineTooLong);
                return Turn.None;
            default:
                return WaitForInput();
        }
    }

    private Turn Begin(ReadOnlySpan<byte> line, out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = null;
        answer = default;
        if (_dialogue.IsCommandLimitPassed())
            return Turn.None;
        Command command = CommandParser.Parse(line);
        if (command.Error != Canned.None)
        {
            _dialogue.Reply(command.Error);
            return Turn.None;
        }

        if (command.Verb == CommandVerb.Foreign)
        {
            _dialogue.Close(ProxyHeaderParser.StartsVersion1(line) ? SessionEndReason.UntrustedProxy : SessionEndReason.WrongProtocol, Canned.WrongProtocol);
            return Turn.None;
        }

        step = DialogueTable.Find(command.Verb, _dialogue.State, _options.Lmtp, out Canned verdict);
        if (verdict == Canned.None && !command.IsAscii && command.Verb is not (CommandVerb.Mail or CommandVerb.Rcpt or CommandVerb.Bdat))
            verdict = Canned.NonAsciiArgument;
        if (verdict == Canned.None)
            return step.TryBegin(_dialogue, in command, out answer) ? Turn.Ask : _dialogue.IsTlsDue ? Turn.Tls : Turn.None;
        step.Refuse(_dialogue, in command, verdict);
        return Turn.None;
    }

    // Inside an AUTH exchange a line is a response, whatever command it looks like.
    private Turn NextResponseTurn(AuthExchange exchange, out CommandStep? step, out ValueTask<SmtpReply> answer)
    {
        step = AuthStep.Instance;
        answer = default;
        LineStatus status = _input.TakeLine(out ReadOnlySpan<byte> line);
        if (status == LineStatus.NeedMore)
            return WaitForInput();
        if (status == LineStatus.Endless)
        {
            _dialogue.Close(SessionEndReason.TooLong, Canned.AuthLineTooLong);
            return Turn.None;
        }

        _wait.Restart();
        answer = status switch
        {
            LineStatus.Line => exchange.ContinueAsync(line),
            LineStatus.TooLong => exchange.BreakAsync(Canned.AuthLineTooLong),
            _ => exchange.BreakAsync(Canned.BareLineEndInCommand),
        };
        return Turn.Ask;
    }

    private Turn NextContentTurn()
    {
        if (_intake.IsPartComplete)
            return EndPart();
        if (_intake.IsOverrun)
        {
            _dialogue.Close(SessionEndReason.TooLong, Canned.TooBig);
            _dialogue.EndTransaction();
            return Turn.None;
        }

        return _input.IsEmpty ? WaitForInput() : Turn.Content;
    }

    private void GoPastContent()
    {
        _input.Consume(_intake.Taken);
        _blockOctets += _intake.Taken;
        if (_blockOctets < _options.DataBlockOctets)
            return;
        _blockOctets = 0;
        _wait.Restart();
    }

    private Turn EndPart()
    {
        _wait.Restart();
        _blockOctets = 0;
        if (_intake.Problem == ContentProblem.Refused)
        {
            _dialogue.FinishDrop();
            return Turn.None;
        }

        if (_intake.Problem == ContentProblem.None && !_intake.IsLastPart)
        {
            _intake.EndPart();
            _replies.WriteChunkReceived(_intake.ChunkLength);
            return Turn.None;
        }

        if (_intake.Problem == ContentProblem.None && _intake.IsAcceptable())
            return Turn.Message;
        _dialogue.RefuseContent();
        return Turn.None;
    }

    private Turn WaitForInput()
    {
        if (_input.IsEnd)
            _dialogue.Leave(SessionEndReason.ClientGone);
        else if (_wait.IsSessionOver)
            _dialogue.Close(SessionEndReason.SessionTooLong, Canned.SessionTooLong);
        else if (IsStopping)
            _dialogue.Close(SessionEndReason.Shutdown, Canned.ShuttingDown);
        else
            return Turn.Wait;
        return Turn.None;
    }
}
