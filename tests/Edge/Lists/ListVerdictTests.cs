using FsCheck.Xunit;
using SlimtaFast.Edge.Lists;

namespace SlimtaFast.Edge.Tests.Lists;

public sealed class ListVerdictTests
{
    [Theory]
    [InlineData("", ListAction.Accept, "")]
    [InlineData("OK", ListAction.Accept, "")]
    [InlineData("accept", ListAction.Accept, "")]
    [InlineData("refuse", ListAction.Refuse, "")]
    [InlineData("REJECT", ListAction.Refuse, "")]
    [InlineData("drop", ListAction.Drop, "")]
    [InlineData("450 4.2.1 Mailbox is full", ListAction.Refuse, "450 4.2.1 Mailbox is full")]
    [InlineData("550 Gone for good", ListAction.Refuse, "550 5.7.1 Gone for good")]
    [InlineData("450", ListAction.Refuse, "450 4.7.1 Refused")]
    [InlineData("rewrite new@mine.test", ListAction.Rewrite, "")]
    public void Value_is_read(string value, ListAction action, string reply)
    {
        Assert.True(ListVerdict.TryParse(value, out ListVerdict verdict));
        Assert.Equal(action, verdict.Action);
        Assert.Equal(reply, verdict.Reply.ToString());
    }

    [Theory]
    [InlineData("maybe")]
    [InlineData("250 2.0.0 Ok")]
    [InlineData("999 x")]
    [InlineData("rewrite")]
    [InlineData("rewrite nobody at home")]
    [InlineData("rewrite <>")]
    public void Other_values_are_none(string value) => Assert.False(ListVerdict.TryParse(value, out _));

    [Property]
    public void No_value_fails(string value) => ListVerdict.TryParse(value ?? "", out _);
}
