using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Manager;
using VioActors.Contracts.Adaptation;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Reads a policy of adaptation from YAML: its name and the options that are not as usual. What it does not know, or
/// what the policy does not take, is refused with file, line and column.
/// </summary>
internal static class PolicyFile
{
    private static readonly string[] Keys = ["policy", "options"];

    /// <summary>Reads a file; <c>-</c> reads <paramref name="input"/>.</summary>
    /// <exception cref="SpecException">It is malformed, or the policy does not take it.</exception>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static PolicyChoice Load(string path, TextReader input)
    {
        var (name, text) = YamlFile.Read(path, input);
        return Parse(name, text);
    }

    /// <summary>Reads the text of a file; <paramref name="file"/> is for messages.</summary>
    /// <exception cref="SpecException">It is malformed, or the policy does not take it.</exception>
    public static PolicyChoice Parse(string file, string text)
    {
        var section = new YamlSection("a policy file", YamlTree.Read(file, text), Keys);
        var choice = PolicyChoice.Of(section.Required("policy"));
        if (PolicyOptions.Refuse(choice) is { } unknown)
            throw section.PlaceOf("policy").Error(unknown.Reason, unknown.Remedy);
        var keys = PolicyOptions.Keys(choice.Name);
        if (section.Section("options", $"policy {choice.Name}", keys) is not { } options) return choice;
        var values = ImmutableSortedDictionary<string, string>.Empty;
        foreach (var key in keys)
        {
            if (options.Text(key) is not { } value) continue;
            if (PolicyOptions.Refuse(choice.Name, key, value) is { } bad)
                throw options.PlaceOf(key).Error(bad.Reason, bad.Remedy);
            values = values.Add(key, value);
        }

        choice = choice with { Options = values };
        return PolicyOptions.Refuse(choice) is { } together
            ? throw options.Place.Error(together.Reason, together.Remedy)
            : choice;
    }
}
