using System.Text;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>The format of scripts: what a mistake in one would hide.</summary>
public sealed class DialogueScriptTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData(@"\r\n\t\0\\\{\}\*", "\r\n\t\0\\{}*")]
    [InlineData(@"\x00\xfFa", "\0\u00ffa")]
    [InlineData("{ab*3}c", "abababc")]
    [InlineData(@"{{x*2}\r\n*2}", "xx\r\nxx\r\n")]
    [InlineData("{*5}", "")]
    [InlineData("a*b", "a*b")]
    [InlineData("{a*b*2}", "a*ba*b")]
    [InlineData("\u00fc\ud83d\ude00", "\u00c3\u00bc\u00f0\u009f\u0098\u0080")]
    public void Text_is_unescaped(string text, string expected) => Assert.Equal(expected, Encoding.Latin1.GetString(ScriptText.ToOctets(text)));

    [Theory]
    [InlineData(@"\")]
    [InlineData(@"\q")]
    [InlineData(@"\x1")]
    [InlineData(@"\xzz")]
    [InlineData("{a")]
    [InlineData("{a}")]
    [InlineData("a}")]
    public void Text_with_a_mistake_is_refused(string text) => Assert.Throws<FormatException>(() => ScriptText.ToOctets(text));

    [Fact]
    public void Script_is_read()
    {
        DialogueScript script = DialogueScript.ReadForClient("s", "# title: t\n# delivered: 2\n# options: --a 1\n# environment: A__B=1\n# fragments: whole octet\n\n; why\nS: 220\nC*2: a\nC> b\nS: 250-x\nS*3: 250 y\nS: <closed>\n");

        Assert.Equal("t", script.Title);
        Assert.Equal(2, script.Delivered);
        Assert.Equal(["--a", "1"], script.Options);
        Assert.Equal("1", script.Environment["SLIMTAFAST__A__B"]);
        Assert.Equal([Fragmentation.Whole, Fragmentation.Octet], script.Fragmentations);
        Assert.Equal([StepKind.Expect, StepKind.Send, StepKind.Send, StepKind.Expect, StepKind.ExpectEnd], script.Steps.Select(static s => s.Kind));
        Assert.Equal("a\r\na\r\n"u8.ToArray(), script.Steps[1].Octets);
        Assert.Equal("b"u8.ToArray(), script.Steps[2].Octets);
        Assert.Equal(3, script.Steps[3].Count);
        Assert.Matches(script.Steps[3].Lines[0], "250-x");
    }

    [Theory]
    [InlineData("S: 220\n")]
    [InlineData("# title: t\n")]
    [InlineData("# title: t\n# colour: red\nS: 220\n")]
    [InlineData("# title: t\nX: 220\n")]
    [InlineData("# title: t\nS> 220\n")]
    [InlineData("# title: t\nS: (\n")]
    [InlineData("# title: t\nS: 220\nS: 250-x\n")]
    [InlineData("# title: t\nS: 220\nC: \\q\n")]
    public void Script_with_a_mistake_is_refused(string text) => Assert.Throws<FormatException>(() => DialogueScript.ReadForClient("s", text));

    [Fact]
    public void Every_script_of_a_next_hop_says_what_becomes_of_the_message()
    {
        string[] outcomes = ["delivered", "deferred", "failed", "mixed", "down"];
        foreach (string name in ScriptFiles.Names("client"))
            Assert.True(outcomes.Contains(DialogueScript.ReadForServer(name, ScriptFiles.Read(name, "client")).Outcome), name);
    }
}
