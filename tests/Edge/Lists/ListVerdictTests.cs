using FsCheck.Xunit;
using SlimtaFast.Edge.Lists;

namespace SlimtaFast.Edge.Tests.Lists;

public sealed class ListVerdictTests
{
    [Theory]
    [InlineData("", nameof(ListAction.Accept), "")]
    [InlineData("OK", nameof(ListAction.Accept), "")]
    [InlineData("accept", nameof(ListAction.Accept), "")]
    [InlineData("refuse", nameof(ListAction.Refuse), "")]
    [InlineData("REJECT", nameof(ListAction.Refuse), "")]
    [InlineData("drop", nameof(ListAction.Drop), "")]
    [InlineData("450 4.2.1 Mailbox is full", nameof(ListAction.Refuse), "450 4.2.1 Mailbox is full")]
    [InlineData("550 Gone for good", nameof(ListAction.Refuse), "550 5.7.1 Gone for good")]
    [InlineData("450", nameof(ListAction.Refuse), "450 4.7.1 Refused")]
    [InlineData("rewrite new@mine.test", nameof(ListAction.Rewrite), "")]
    public void Value_is_read(string value, string action, string reply)
    {
        Assert.True(ListVerdict.TryParse(value, out ListVerdict verdict));
        Assert.Equal(action, verdict.Action.ToString());
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
    public bool No_value_fails(string value) => ListVerdict.TryParse(value ?? "", out ListVerdict verdict) || verdict.Reply.IsNone;
}
