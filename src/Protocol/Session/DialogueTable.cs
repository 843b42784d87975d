using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;
using static SlimtaFast.Protocol.Replies.Canned;

namespace SlimtaFast.Protocol.Session;

/// <summary>Which command is allowed when, what it is answered where it is not, and who carries it out. A command is a row here and a step.</summary>
internal static class DialogueTable
{
    // One row for each verb, one column for each DialogueState; None means "allowed" (RFC 5321 section 4.1.4).
    private static readonly Row[] Rows =
    [
        //                        step                      Start       Ready      Mail               Recipients  Chunks
        new(CommandVerb.Helo, new HelloStep(isExtended: false, isLmtp: false), [None, None, None, None, None]),
        new(CommandVerb.Ehlo, new HelloStep(isExtended: true, isLmtp: false), [None, None, None, None, None]),
        new(CommandVerb.Lhlo, new HelloStep(isExtended: true, isLmtp: true), [None, None, None, None, None]),
        new(CommandVerb.Mail, new MailStep(), [HelloFirst, None, NestedMail, NestedMail, NestedMail]),
        new(CommandVerb.Rcpt, new RecipientStep(), [HelloFirst, MailFirst, None, None, ChunksOpen]),
        new(CommandVerb.Data, new DataStep(), [HelloFirst, MailFirst, NoValidRecipients, None, ChunksOpen]),
        new(CommandVerb.Bdat, new ChunkStep(), [HelloFirst, MailFirst, NoValidRecipients, None, None]),
        new(CommandVerb.Rset, new ResetStep(), [None, None, None, None, None]),
        new(CommandVerb.Noop, new FixedReplyStep(Ok, EarlyInput.AfterNoop), [None, None, None, None, None]),
        new(CommandVerb.Vrfy, new FixedReplyStep(CannotVerify, EarlyInput.AfterVerify, needsArgument: true), [None, None, None, None, None]),
        new(CommandVerb.Expn, new FixedReplyStep(NotImplemented, EarlyInput.AfterVerify), [None, None, None, None, None]),
        new(CommandVerb.Help, new FixedReplyStep(Canned.Help), [None, None, None, None, None]),
        new(CommandVerb.Auth, AuthStep.Instance, [HelloFirst, None, AuthInTransaction, AuthInTransaction, AuthInTransaction]),
        new(CommandVerb.StartTls, new StartTlsStep(), [None, None, None, None, None]),
        new(CommandVerb.Quit, new QuitStep(), [None, None, None, None, None]),
        new(CommandVerb.Xclient, new XclientStep(), [None, None, NestedMail, NestedMail, NestedMail]),
        new(CommandVerb.Xforward, new XforwardStep(), [None, None, NestedMail, NestedMail, NestedMail]),
    ];

    private static readonly Row?[] ByVerb = Index(Rows);

    /// <summary>Who carries the command out, and <see cref="None"/> or the reply that says why not now.</summary>
    public static CommandStep Find(CommandVerb verb, DialogueState state, bool isLmtp, out Canned verdict)
    {
        Row row = ByVerb[(int)verb] ?? throw new ArgumentOutOfRangeException(nameof(verb));
        verdict = row.Verdicts[(int)state];
        if (isLmtp && verdict != None)
            verdict = InLmtp(verdict);
        return row.Step;
    }

    // RFC 2033 section 4.2: without a valid recipient DATA is answered 503.
    private static Canned InLmtp(Canned verdict) => verdict switch
    {
        HelloFirst => LhloFirst,
        NoValidRecipients => RecipientFirst,
        _ => verdict,
    };

    private static Row?[] Index(Row[] rows)
    {
        var byVerb = new Row?[Enum.GetValues<CommandVerb>().Length];
        foreach (Row row in rows)
            byVerb[(int)row.Verb] = row;
        return byVerb;
    }

    private sealed record Row(CommandVerb Verb, CommandStep Step, Canned[] Verdicts);
}
