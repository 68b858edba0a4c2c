using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using VioActors.Actors.Adaptation.Planning;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Contracts;
using VioActors.Contracts.Adaptation;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>
/// The policies by name, and their options as people write them. The options are those of the policies' own records, so
/// that a new one can be set without a change here; the planners say which values they take.
/// </summary>
public static class PolicyOptions
{
    private const int LongestValue = 100;

    private static readonly ImmutableSortedDictionary<string, (Type Options, Func<object, IPlanner> Create)> Policies =
        ImmutableSortedDictionary.CreateRange<string, (Type, Func<object, IPlanner>)>(StringComparer.Ordinal,
        [
            new("vio", (typeof(VioOptions), options => new VioPlanner((VioOptions)options))),
            new("violin-2007", (typeof(ViolinOptions), options => new ViolinPlanner((ViolinOptions)options))),
        ]);

    /// <summary>Names of all policies.</summary>
    public static IEnumerable<string> Names => Policies.Keys;

    /// <summary>Names of a policy's options; none for a policy that does not exist.</summary>
    public static ImmutableArray<string> Keys(string policy) => Policies.TryGetValue(policy, out var one)
        ? [.. Settable(one.Options).Select(Key)]
        : [];

    /// <summary>What is wrong with a choice; null when nothing is.</summary>
    public static Failure? Refuse(PolicyChoice choice)
    {
        if (!Policies.TryGetValue(choice.Name, out var policy))
            return new Failure(
                "bad-policy", $"There is no policy '{Shown(choice.Name)}'.",
                $"Choose one of: {string.Join(", ", Names)}.");
        foreach (var (key, value) in choice.Options)
            if (Refuse(choice.Name, key, value) is { } bad)
                return bad;
        try
        {
            policy.Create(Options(policy.Options, choice.Options));
            return null;
        }
        catch (ArgumentOutOfRangeException together)
        {
            return new Failure(
                "out-of-range", $"The options of policy {choice.Name} do not fit each other: {Line(together)}",
                "Correct one of them.");
        }
    }

    /// <summary>What is wrong with one option of a policy that exists; null when nothing is.</summary>
    public static Failure? Refuse(string policy, string key, string value)
    {
        var (type, create) = Policies[policy];
        if (Settable(type).FirstOrDefault(property => Key(property) == key) is not { } known)
            return new Failure(
                "bad-policy", $"Policy {policy} has no option '{Shown(key)}'.",
                $"Options are {string.Join(", ", Keys(policy))}.");
        try
        {
            Read(known.PropertyType, value);
            create(Options(type, ImmutableSortedDictionary<string, string>.Empty.Add(key, value)));
            return null;
        }
        catch (FormatException bad)
        {
            return new Failure("bad-policy", $"Option {key} is '{Shown(value)}': {bad.Message}", "Correct it.");
        }
        catch (ArgumentOutOfRangeException bad)
        {
            return new Failure(
                "out-of-range", $"Option {key} is '{Shown(value)}', which policy {policy} does not take: {Line(bad)}",
                "Correct it.");
        }
    }

    /// <summary>The planner of a choice that <see cref="Refuse(PolicyChoice)"/> accepts.</summary>
    public static IPlanner Create(PolicyChoice choice)
    {
        var (type, create) = Policies[choice.Name];
        return create(Options(type, choice.Options));
    }

    private static object Options(Type type, ImmutableSortedDictionary<string, string> values)
    {
        var options = Activator.CreateInstance(type)
            ?? throw new InvalidOperationException($"{type.Name} cannot be made.");
        foreach (var property in Settable(type))
            if (values.TryGetValue(Key(property), out var value))
                property.SetValue(options, Read(property.PropertyType, value));
        return options;
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanWrite && IsWritten(property.PropertyType))
        .OrderBy(property => property.Name, StringComparer.Ordinal);

    private static bool IsWritten(Type type) =>
        type == typeof(double) || type == typeof(int) || type == typeof(bool) || type == typeof(TimeSpan)
        || type.IsEnum;

    private static string Key(PropertyInfo property) => char.ToLowerInvariant(property.Name[0]) + property.Name[1..];

    /// <exception cref="FormatException">It is no value of that type, or negative.</exception>
    private static object Read(Type type, string text)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(TimeSpan)) return Time(text);
        if (type == typeof(bool))
            return text is "true" or "false" ? text == "true" : throw new FormatException("write true or false.");
        if (type.IsEnum)
            return Enum.TryParse(type, text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var word)
                && !text.Any(char.IsDigit)
                    ? word
                    : throw new FormatException($"write one of {string.Join(", ", Enum.GetNames(type))}.");
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.None, invariant, out var whole)
                ? whole
                : throw new FormatException("write a whole number, 0 or more.");
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, invariant, out var number)
            && double.IsFinite(number)
                ? number
                : throw new FormatException("write a number, 0 or more.");
    }

    private static TimeSpan Time(string text)
    {
        var digits = text.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.').Count();
        var unit = text[digits..] switch
        {
            "ms" => 0.001,
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => 0,
        };
        const double year = 366 * 86_400.0;
        return unit > 0 && double.TryParse(
            text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * unit <= year
                ? TimeSpan.FromSeconds(number * unit)
                : throw new FormatException("write a number and ms, s, m, h or d, at most 366d.");
    }

    private static string Shown(string text) => text.Length <= LongestValue ? text : text[..LongestValue] + "...";

    private static string Line(Exception error) => error.Message.Split('\n')[0].TrimEnd();
}
