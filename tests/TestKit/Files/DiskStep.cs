namespace SlimtaFast.TestKit.Files;

/// <summary>One operation on the disk.</summary>
/// <param name="Number">Counts from 1 in the order in which operations begin.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Path">With what.</param>
public readonly record struct DiskStep(int Number, DiskStepKind Kind, string Path);
