using System.Collections.Immutable;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>The policies by name, and their options as people write them. Whatever is not known is refused.</summary>
public static class PolicyOptions
{
    private const int LongestShown = 100;

    private static readonly ImmutableSortedDictionary<string, Policy> Policies =
        ImmutableSortedDictionary.CreateRange<string, Policy>(StringComparer.Ordinal,
        [
            new("vio", new Policy(
                new VioOptions(), PolicyOption.Vio, options => new VioPlanner((VioOptions)options))),
            new("violin-2007", new Policy(
                new ViolinOptions(), PolicyOption.Violin, options => new ViolinPlanner((ViolinOptions)options))),
        ]);

    /// <summary>Names of all policies.</summary>
    public static IEnumerable<string> Names => Policies.Keys;

    /// <summary>Names of a policy's options; none for a policy that does not exist.</summary>
    public static ImmutableArray<string> Keys(string policy) =>
        Policies.TryGetValue(policy, out var known) ? [.. known.Options.Select(one => one.Key)] : [];

    /// <summary>What is wrong with a choice; null when nothing is.</summary>
    public static Failure? Refuse(PolicyChoice choice)
    {
        if (!Policies.TryGetValue(choice.Name, out var policy))
            return new Failure(
                "bad-policy", $"There is no policy '{Shown(choice.Name)}'.",
                $"Choose one of: {string.Join(", ", Names)}.");
        return choice.Options.Select(one => Refuse(choice.Name, one.Key, one.Value))
            .FirstOrDefault(bad => bad is not null) ?? policy.Make(choice.Options).Refused;
    }

    /// <summary>What is wrong with one option of a policy that exists; null when nothing is.</summary>
    public static Failure? Refuse(string policy, string key, string value)
    {
        if (!Keys(policy).Contains(key))
            return new Failure(
                "bad-policy", $"Policy {policy} has no option '{Shown(key)}'.",
                $"Options are {string.Join(", ", Keys(policy))}.");
        var only = ImmutableSortedDictionary<string, string>.Empty.Add(key, Shown(value));
        var refused = Policies[policy].Make(only).Refused;
        return refused is null || refused.Reason.Contains(key, StringComparison.Ordinal)
            ? refused
            : refused with { Reason = $"Option '{key}' is '{Shown(value)}': {refused.Reason}" };
    }

    /// <summary>The planner of a choice that <see cref="Refuse(PolicyChoice)"/> accepts.</summary>
    /// <exception cref="InvalidOperationException">It does not accept it.</exception>
    public static IPlanner Create(PolicyChoice choice)
    {
        var (planner, refused) = Policies[choice.Name].Make(choice.Options);
        return planner ?? throw new InvalidOperationException(refused?.Reason);
    }

    private static string Shown(string text) => text.Length <= LongestShown ? text : text[..LongestShown] + "...";

    private sealed record Policy(
        object Usual, ImmutableArray<PolicyOption> Options, Func<object, IPlanner> Create)
    {
        internal (IPlanner? Planner, Failure? Refused) Make(ImmutableSortedDictionary<string, string> values)
        {
            var options = Usual;
            foreach (var one in Options)
            {
                if (!values.TryGetValue(one.Key, out var text)) continue;
                var (next, refused) = one.Set(options, text);
                if (refused is not null) return (null, refused);
                options = next!;
            }

            try
            {
                return (Create(options), null);
            }
            catch (ArgumentOutOfRangeException bad)
            {
                return (null, new Failure("out-of-range", bad.Message.Split('\n')[0].Trim(), "Correct this value."));
            }
        }
    }
}
