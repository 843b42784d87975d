using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay.Tests.Pipe;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  \t ", new string[0])]
    [InlineData("/bin/a", new[] { "/bin/a" })]
    [InlineData("  a  b\tc ", new[] { "a", "b", "c" })]
    [InlineData("a 'b c' \"d e\"", new[] { "a", "b c", "d e" })]
    [InlineData("a '' \"\"", new[] { "a", "", "" })]
    [InlineData("a b'c'\"d\"e", new[] { "a", "bcde" })]
    [InlineData(@"a b\ c \\ \'", new[] { "a", "b c", @"\", "'" })]
    [InlineData(@"a ""b\""c"" 'd\'", new[] { "a", "b\"c", @"d\" })]
    [InlineData("a $HOME `id` ;|&<>*", new[] { "a", "$HOME", "`id`", ";|&<>*" })]
    public void Line_is_split_into_words_and_nothing_is_expanded(string line, string[] words) => Assert.Equal(words, CommandText.Split(line));

    [Theory]
    [InlineData("a 'b")]
    [InlineData("a \"b'")]
    [InlineData("a b\\")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public void Line_without_an_end_or_with_controls_is_refused(string line) => Assert.Throws<FormatException>(() => CommandText.Split(line));

    [Property(MaxTest = 500)]
    public Property Words_that_were_joined_are_split_again() =>
        Prop.ForAll(Words(), static words => CommandText.Split(CommandText.Join(words)).SequenceEqual(words));

    [Property(MaxTest = 500)]
    public Property Any_text_is_a_command_that_means_itself_or_is_refused() => Prop.ForAll(ArbMap.Default.ArbFor<string>(), static text =>
    {
        try
        {
            PipeCommand command = PipeCommand.Parse(text ?? "");
            return PipeCommand.Parse(command.ToString()).Words.SequenceEqual(command.Words);
        }
        catch (FormatException)
        {
            return true;
        }
    });

    private static Arbitrary<string[]> Words() =>
        Gen.Elements("a -/{}'\"\\\t$;é".ToCharArray()).ListOf().Select(static chars => new string([.. chars])).ArrayOf().ToArbitrary();
}
