using System.Collections.Immutable;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Runtime;

namespace VioActors.Actors.Site;

/// <summary>Every refusal of a site: names the thing, the limit and the next step.</summary>
internal static class SiteRefusals
{
    internal static Refusal Forbidden(object message, ActorKey? sender, Principal by) => sender is { } from
        ? new(FailureCode.Forbidden, $"The site takes no {message.GetType().Name} from {from}.",
            "Send it from the actor it speaks of; people use the API.")
        : new(FailureCode.Forbidden, Who(message, by),
            "Ask an administrator of the site to do it or to change your role.");

    private static string Who(object message, Principal by) => message switch
    {
        ApplySpec ask when by.Role == Role.Owner =>
            $"'{by.Name}' may not apply '{ask.Spec.Name}' for '{ask.Owner}': an owner changes only its own "
                + "environments.",
        ApplySpec ask =>
            $"'{by.Name}' may not apply '{ask.Spec.Name}': the role {by.Role.ToString().ToLowerInvariant()} "
            + "changes no environments, only owners and administrators do.",
        _ => $"'{by.Name}' may not use {message.GetType().Name}: the role {by.Role.ToString().ToLowerInvariant()} "
            + "does not allow it.",
    };

    internal static Refusal NotInitialised(string id) => new(
        "not-initialised", $"The site '{id}' was never started.", "Start 'vio server' once; it sets the site up.");

    internal static Refusal Name(string what, string name) => new(
        "bad-name", $"The {what} '{NameRule.Shown(name)}' {NameRule.Problem(name)}.", "Choose another name.");

    internal static Refusal Hash(string what) => new(
        "bad-hash", $"The {what} is not a SHA-256: 64 lower-case hex digits are needed.", "Compute it again.");

    internal static Refusal Full(string what, int limit) => new(
        "limit-reached", $"The site has {limit} {what}, which is the most.", "Remove one that is not needed any more.");

    internal static Refusal NotFound(string what, string name, IEnumerable<string> known) => new(
        FailureCode.NotFound, $"There is no {what} '{NameRule.Shown(name)}'; the site knows {Listed(known)}.",
        $"Name one of those, or add the {what} first.");

    internal static Refusal TokenRole(Role role) => new(
        "bad-role", $"A join token cannot be for the role {role.ToString().ToLowerInvariant()}: only agents join.",
        "Issue it with the role agent; people get tokens with 'PUT /users/NAME'.");

    internal static Refusal TokenLifetime(string id, DateTimeOffset expiresAt, DateTimeOffset now) => new(
        "bad-expiry",
        $"The join token '{id}' would expire at {expiresAt:u}; from {now:u} it may live more than 0 and at "
            + $"most {SiteLimits.TokenLifetime.TotalMinutes} minutes.", "Choose a time in that range.");

    internal static Refusal TokenTaken(string id) => new(
        "token-taken", $"There is a join token '{id}' already.", "Issue one under a fresh id.");

    internal static Refusal TokenUnknown(string id) => new(
        "token-unknown",
        $"The join token '{NameRule.Shown(id)}' was not issued by this site or expired and was forgotten.",
        "Ask an administrator for a new one: 'vio host token NAME'.");

    internal static Refusal TokenUsed(string id, string hostName) => new(
        "token-used", $"The join token '{id}' was used already, by host '{hostName}'; each is good for one join.",
        "Ask an administrator for a new one; if you did not use it, have that host fenced and its key checked.");

    internal static Refusal TokenExpired(string id, DateTimeOffset at) => new(
        "token-expired", $"The join token '{id}' expired at {at:u}.", "Ask an administrator for a new one.");

    internal static Refusal TokenSecret(string id) => new(
        "token-wrong", $"The secret shown for join token '{id}' is wrong; one exact match is needed.",
        "Copy the whole token again.");

    internal static Refusal UserRole(string name, Role role) => new(
        "bad-role", $"The user '{name}' cannot have the role {role.ToString().ToLowerInvariant()}.",
        "Choose viewer, owner, operator or admin.");

    internal static Refusal LastAdmin(string name) => new(
        "last-admin", $"'{name}' is the only administrator; the site needs at least 1.",
        "Make another user administrator first.");

    internal static Refusal UnknownOwner(string owner, IEnumerable<string> users) => new(
        "unknown-owner", $"The owner '{NameRule.Shown(owner)}' is no user; the site knows {Listed(users)}.",
        "Add the user first, or name one of those.");

    internal static Refusal BadImage(string name, string problem) => new(
        "bad-image", $"The image '{name}' {problem}.", "Correct it and put it again.");

    internal static Refusal NotMember(HostId host) => new(
        "not-member", $"The host '{host}' never joined this site.",
        "Join it with a token: 'vio agent join --token-file FILE'.");

    internal static Refusal RouteLength(string route) => new(
        "bad-route", $"The route {route} must have {SiteReach.RouteHosts.Least} to {SiteReach.RouteHosts.Most} "
        + "different hosts.", "Name its hosts in the order of the way; neighbours need no route.");

    internal static Refusal RouteConflict(string route, string from, string to) => new(
        "bad-route", $"The route {route} leads from {from} to {to} over another neighbour than a route before it.",
        "Keep one of them: between two hosts there is one way.");

    /// <summary>All errors of a spec at once; each is also a fact under its field.</summary>
    internal static Refusal BadSpec(string name, IReadOnlyList<SpecError> errors)
    {
        var shown = errors.Take(SiteLimits.SpecErrors).ToArray();
        var more = errors.Count > shown.Length ? $"; and {errors.Count - shown.Length} more" : "";
        var text = string.Join("; ", shown.Select(error => $"{error.Field} {error.Problem}"));
        return new("bad-spec", $"The spec '{NameRule.Shown(name)}' has {errors.Count} "
            + $"{(errors.Count == 1 ? "error" : "errors")}: {text}{more}.",
            "Correct the named fields and apply it again.")
        {
            Facts = shown.GroupBy(error => error.Field).ToImmutableSortedDictionary(
                group => group.Key, group => string.Join("; ", group.Select(error => error.Problem))),
        };
    }

    /// <summary>Names for a message: at most 20, so that a message stays readable.</summary>
    internal static string Listed(IEnumerable<string> names)
    {
        var all = names.ToArray();
        if (all.Length == 0)
            return "none";
        return string.Join(", ", all.Take(20)) + (all.Length > 20 ? $" and {all.Length - 20} more" : "");
    }
}
