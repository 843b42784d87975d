using System.Globalization;
using SharpFuzz;
using SlimtaFast.Fuzz;

const string Usage = """
    slimtafast-fuzz TARGET [FILE|-]                      one input; under AFL, any number (see README.md)
    slimtafast-fuzz TARGET --replay DIR                  every file of a folder
    slimtafast-fuzz TARGET|all --replay                  every file of the committed corpus
    slimtafast-fuzz TARGET|all --random SECONDS [--seed N]   the built-in mutation fuzzer, for each target
    """;

if (args.Length == 0)
    return Fail($"{Usage}\ntargets: {string.Join(' ', FuzzTargets.All.Select(static target => target.Name))}");
IReadOnlyList<IFuzzTarget> targets = args[0] == "all" ? FuzzTargets.All : FuzzTargets.Find(args[0]) is { } one ? [one] : [];
if (targets.Count == 0)
    return Fail($"There is no target '{args[0]}'.\n{Usage}");

switch (args.AsSpan(1))
{
    case [] or ["-"] when args[0] != "all":
        // Without AFL around it, SharpFuzz runs the target once on standard input.
        Fuzzer.OutOfProcess.Run((Stream input) => RunTelling(targets[0], ReadAll(input)));
        return 0;
    case ["--replay"]:
        return Folders() is { } tree ? targets.Sum(target => Replay(target, tree.Corpus(target))) : 2;
    case ["--replay", string folder] when args[0] != "all":
        return Replay(targets[0], FuzzFolders.Files(folder));
    case ["--random", string seconds]:
        return RunRandom(seconds, "1");
    case ["--random", string seconds, "--seed", string seed]:
        return RunRandom(seconds, seed);
    case [string file] when args[0] != "all" && !file.StartsWith('-'):
        targets[0].Run(File.ReadAllBytes(file));
        return 0;
    default:
        return Fail(Usage);
}

// AFL keeps the input of a finding but not what was wrong with it, and not every finding repeats.
static void RunTelling(IFuzzTarget target, byte[] input)
{
    try
    {
        target.Run(input);
    }
    catch (Exception finding)
    {
        if (Environment.GetEnvironmentVariable("SLIMTAFAST_FUZZ_LOG") is { Length: > 0 } log)
            File.AppendAllText(log, $"{target.Name} {Convert.ToHexString(input)}\n{finding}\n\n");
        throw;
    }
}

int Replay(IFuzzTarget target, IReadOnlyList<string> files)
{
    int findings = 0;
    foreach (string file in files)
    {
        if (RandomFuzzer.Stands(target, File.ReadAllBytes(file), out Exception? finding))
            continue;
        findings++;
        Console.Error.WriteLine($"{target.Name}: {file}: {finding}");
    }

    Console.WriteLine($"{target.Name}: {files.Count} inputs, {findings} findings");
    return findings == 0 ? 0 : 1;
}

int RunRandom(string seconds, string seed)
{
    if (!double.TryParse(seconds, CultureInfo.InvariantCulture, out double duration) || !int.TryParse(seed, CultureInfo.InvariantCulture, out int number))
        return Fail(Usage);
    if (Folders() is not { } tree)
        return 2;
    int result = 0;
    foreach (IFuzzTarget target in targets)
    {
        var fuzzer = new RandomFuzzer(tree, TimeProvider.System);
        string? finding = fuzzer.Run(target, TimeSpan.FromSeconds(duration), number);
        Console.WriteLine($"{target.Name}: {fuzzer.Tried} inputs, {(finding is null ? "no finding" : $"finding: {finding}")}");
        result |= finding is null ? 0 : 1;
    }

    return result;
}

static FuzzFolders? Folders()
{
    FuzzFolders? folders = FuzzFolders.Find(Environment.CurrentDirectory) ?? FuzzFolders.Find(AppContext.BaseDirectory);
    if (folders is null)
        Console.Error.WriteLine("Corpora are looked for in the source tree; run this from inside it.");
    return folders;
}

static byte[] ReadAll(Stream input)
{
    using var bytes = new MemoryStream();
    input.CopyTo(bytes);
    return bytes.ToArray();
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    return 2;
}
