using SlimtaFast.Fuzz;

namespace SlimtaFast.Architecture.Tests;

/// <summary>Replays what the fuzzers start from and what they once found.</summary>
public sealed class FuzzCorporaTests
{
    private static readonly FuzzFolders Folders = FuzzFolders.Find(AppContext.BaseDirectory)!;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_stands_its_corpus(string name)
    {
        IFuzzTarget target = FuzzTargets.Find(name)!;
        IReadOnlyList<string> corpus = Folders.Corpus(target);
        Assert.NotEmpty(corpus);
        foreach (string file in corpus)
            Assert.True(RandomFuzzer.Stands(target, File.ReadAllBytes(file), out Exception? finding), $"{file}: {finding}");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_stands_mutations_of_its_corpus(string name)
    {
        IFuzzTarget target = FuzzTargets.Find(name)!;
        byte[][] seeds = [.. Folders.Corpus(target).Select(File.ReadAllBytes), []];
        var random = new Random(42);
        var mutator = new Mutator(random, FuzzDictionary.Read(Folders.Dictionary(target)));
        for (int i = 0; i < 5_000; i++)
        {
            byte[] input = mutator.Mutate(seeds[random.Next(seeds.Length)], seeds[random.Next(seeds.Length)]);
            Assert.True(RandomFuzzer.Stands(target, input, out Exception? finding), $"{Convert.ToHexString(input)}: {finding}");
        }
    }

    [Fact]
    public void Every_target_class_is_listed()
    {
        IEnumerable<string> classes = typeof(IFuzzTarget).Assembly.GetTypes().Where(static type => type.IsClass && typeof(IFuzzTarget).IsAssignableFrom(type)).Select(static type => type.Name);
        Assert.Equal(classes.Order(), FuzzTargets.All.Select(static target => target.GetType().Name).Order());
    }
}
